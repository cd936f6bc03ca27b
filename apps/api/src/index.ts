export { run } from './operating/run.js';
export { serve } from './operating/lifetime.js';
export type { Serving } from './operating/lifetime.js';
export { newAdapter } from './operating/app.js';
export { readSettings, Settings, SettingsError } from './operating/settings.js';
export { TlsFiles, type TlsNotice } from './operating/tls-files.js';
