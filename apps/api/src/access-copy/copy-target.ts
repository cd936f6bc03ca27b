import type { CopyTarget } from '@penalty-ledger/application/access-log';
import { fileTarget } from './file-target.js';
import { httpTarget } from './http-target.js';
import { syslogTarget } from './syslog-target.js';

/** The addresses that the access log can be sent to; HTTP in clear only to this machine. */
const copyUrlForms = [
  String.raw`file:.+`,
  String.raw`https:\/\/\S+`,
  String.raw`http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?\/\S*`,
  String.raw`syslog(?:\+tls)?:\/\/[^\s/:]+(?::\d{1,5})?\/?`,
];

export const copyUrlForm = new RegExp(`^(?:${copyUrlForms.join('|')})$`);

/**
 * Makes a target of its address: `file:PATH`, `https://…`, `syslog://HOST:PORT` or
 * `syslog+tls://HOST:PORT`. Nothing is connected to yet.
 *
 * @param token what an `https` collector knows the service by
 */
export function copyTargetOf(url: string, token: string | undefined): CopyTarget {
  if (url.startsWith('file:')) return fileTarget(url);
  return url.startsWith('syslog') ? syslogTarget(url) : httpTarget(url, token);
}
