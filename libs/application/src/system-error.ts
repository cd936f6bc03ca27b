// By its own path, so that who says why a file cannot be read loads no store.
export { systemCode, systemReason } from '@penalty-ledger/event-store/system-error';
