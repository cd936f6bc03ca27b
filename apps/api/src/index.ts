export { run } from './run.js';
export { serve } from './serve.js';
export type { Serving } from './serve.js';
export { newAdapter } from './service/create-app.js';
export { readSettings, Settings, SettingsError } from './settings.js';
