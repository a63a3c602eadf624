// What Vite fills in while it builds: whether this is development. Types alone.
interface ImportMeta {
  readonly env: { readonly DEV: boolean };
}
declare module '*.css';
