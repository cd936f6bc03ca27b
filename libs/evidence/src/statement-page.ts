export const statementPage = '<!doctype html><script type="application/json" id="pack"></script>\n';
