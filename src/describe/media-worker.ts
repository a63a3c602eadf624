// The module that a thread for recordings runs: a container, or a frame of one.

import { serveWorker } from '../store/workers.ts';
import { describeFrame, type FrameInput, type FrameSaid } from './media-frame.ts';
import { describeMedia, type MediaInput, type MediaSaid } from './media.ts';

export type MediaJob = { container: MediaInput } | { frame: FrameInput };
export type MediaAnswer = { said: MediaSaid; format: string } | { frame: FrameSaid | null };

serveWorker<MediaJob, MediaAnswer>(async (job) =>
  'container' in job ? await describeMedia(job.container) : { frame: await describeFrame(job.frame) },
);
