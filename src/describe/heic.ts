// HEIC and other HEVC pictures through libheif in WebAssembly: sharp's own build decodes none, for patents' sake. The
// sandbox of WebAssembly is welcome here, for this decoder has had more memory faults than the rest together.

/** What came of a picture: pixels as RGB, 8 bits each, turned as the file says. */
export type HeicResult =
  | { state: 'decoded'; width: number; height: number; pixels: Buffer }
  | { state: 'refused'; width: number; height: number }
  | { state: 'failed' | 'no-decoder'; width: number | null; height: number | null; complaint: string };

interface HeifError {
  code: unknown;
  message?: string;
}
interface Decoded {
  code?: unknown;
  message?: string;
  image: unknown;
  channels: { id: unknown; width: number; height: number; stride: number; data: Uint8Array }[];
}
type Enumeration = Record<string, unknown>;
// The part of libheif's C interface that is used, as Emscripten binds it; the package's own types leave it untyped.
interface Libheif {
  HEAPU8: Uint8Array;
  heif_error_code: Enumeration;
  heif_colorspace: Enumeration;
  heif_chroma: Enumeration;
  heif_channel: Enumeration;
  heif_get_global_security_limits(): number;
  heif_context_alloc(): number;
  heif_context_free(context: number): void;
  heif_context_read_from_memory(context: number, bytes: Uint8Array): HeifError;
  heif_js_context_get_primary_image_handle(context: number): (object & Partial<HeifError>) | null;
  heif_image_handle_get_width(handle: object): number;
  heif_image_handle_get_height(handle: object): number;
  heif_image_handle_release(handle: object): void;
  heif_js_decode_image2(handle: object, colorspace: unknown, chroma: unknown): Promise<Decoded | null>;
  heif_image_release(image: unknown): void;
}

/** Memory of a WebAssembly instance never shrinks: over this a new one is made for the next picture. */
const heapLimit = 256 * 1024 * 1024;

let instance: Libheif | null = null;

async function load(pixelLimit: number): Promise<Libheif> {
  if (instance === null || instance.HEAPU8.length > heapLimit) {
    // @ts-expect-error The package declares no types for this file.
    const bundle = (await import('libheif-js/libheif-wasm/libheif-bundle.js')) as { default: () => Libheif };
    instance = bundle.default();
  }
  // struct heif_security_limits: a version byte, then the greatest number of pixels as a 64-bit number at offset 8.
  const limits = instance.heif_get_global_security_limits();
  const view = new DataView(instance.HEAPU8.buffer, instance.HEAPU8.byteOffset);
  if (view.getUint8(limits) >= 1) view.setBigUint64(limits + 8, BigInt(pixelLimit), true);
  return instance;
}

/** Decodes the primary picture of a HEIF file. Never throws for what the bytes are. About 0.1 s a megapixel. */
export async function decodeHeic(bytes: Uint8Array, pixelLimit: number): Promise<HeicResult> {
  let heif: Libheif;
  try {
    heif = await load(pixelLimit);
  } catch (error) {
    return { state: 'no-decoder', width: null, height: null, complaint: complaintOf(error) };
  }
  const context = heif.heif_context_alloc();
  let handle: object | null = null;
  try {
    const read = heif.heif_context_read_from_memory(context, bytes);
    if (read.code !== heif.heif_error_code['heif_error_Ok']) return refusal(heif, read, null, null);
    const primary = heif.heif_js_context_get_primary_image_handle(context);
    if (primary === null || primary.code !== undefined) return refusal(heif, primary, null, null);
    handle = primary;
    const width = heif.heif_image_handle_get_width(handle);
    const height = heif.heif_image_handle_get_height(handle);
    if (width * height > pixelLimit) return { state: 'refused', width, height };
    const decoded = await heif.heif_js_decode_image2(
      handle,
      heif.heif_colorspace['heif_colorspace_RGB'],
      heif.heif_chroma['heif_chroma_interleaved_RGB'],
    );
    if (decoded === null || decoded.code !== undefined) return refusal(heif, decoded, width, height);
    const plane = decoded.channels.find(({ id }) => id === heif.heif_channel['heif_channel_interleaved']);
    const pixels = plane === undefined ? null : tight(plane);
    heif.heif_image_release(decoded.image);
    if (plane === undefined || pixels === null) return { state: 'failed', width, height, complaint: 'no pixels' };
    return { state: 'decoded', width: plane.width, height: plane.height, pixels };
  } catch (error) {
    // After an abort the instance is in no known state.
    instance = null;
    return { state: 'failed', width: null, height: null, complaint: complaintOf(error) };
  } finally {
    if (instance === heif) {
      if (handle !== null) heif.heif_image_handle_release(handle);
      heif.heif_context_free(context);
    }
  }
}

function tight(plane: Decoded['channels'][number]): Buffer | null {
  const row = plane.width * 3;
  if (plane.stride < row || plane.data.length < plane.stride * (plane.height - 1) + row) return null;
  const pixels = Buffer.allocUnsafe(row * plane.height);
  for (let y = 0; y < plane.height; y++) {
    pixels.set(plane.data.subarray(y * plane.stride, y * plane.stride + row), y * row);
  }
  return pixels;
}

function refusal(
  heif: Libheif,
  error: Partial<HeifError> | null,
  width: number | null,
  height: number | null,
): HeicResult {
  const unsupported = ['heif_error_Unsupported_filetype', 'heif_error_Unsupported_feature'];
  const state = unsupported.some((name) => error?.code === heif.heif_error_code[name]) ? 'no-decoder' : 'failed';
  return { state, width, height, complaint: complaintOf(error?.message ?? 'no picture') };
}

function complaintOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
