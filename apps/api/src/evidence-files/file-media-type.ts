/** The media type of a file of evidence on its way: bytes, whatever they hold. */
export const fileMediaType = 'application/octet-stream';

/** The path that files of evidence are sent to. */
export const filesPath = '/evidence-files';
