import { ruleLinks } from '@penalty-ledger/ledger';
import type { ProblemText } from './problem-text.js';

/**
 * The refusals of the service itself, independent of the ledger's content: in both languages, with
 * the section they rest on.
 */
export const serviceTexts = {
  unauthenticated: {
    status: 401,
    title: { en: 'Not signed in', zh: '未通过身份验证' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2',
    hint: {
      en: 'Send "Authorization: Bearer" with an API key or token that is valid now.',
      zh: '请在 Authorization: Bearer 中提供当前有效的 API 密钥或令牌。',
    },
  },
  forbidden: {
    status: 403,
    title: { en: 'Not allowed', zh: '无权操作' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4',
    hint: {
      en:
        'Your roles do not cover this, or it is another agency’s. ' +
        'Ask an administrator for a key with the role it needs.',
      zh: '您的角色无此权限，或该内容属于其他机构。请向管理员申请相应角色的密钥。',
    },
  },
  own_key: {
    status: 403,
    title: { en: 'Not for yourself', zh: '不得为本人签发密钥' },
    rule: '/docs/decisions/separation-of-duties.md#keys',
    hint: {
      en: 'Let another administrator issue your key.',
      zh: '请由其他管理员为您签发密钥。',
    },
  },
  beyond_own_rights: {
    status: 403,
    title: { en: 'More than you may grant', zh: '超出您可授予的权限' },
    rule: '/docs/decisions/separation-of-duties.md#keys',
    hint: {
      en: 'Grant roles of your own mayGrant alone, or ask an administrator who may grant more.',
      zh: '只能授予本人 mayGrant 中的角色，或请权限更大的管理员办理。',
    },
  },
  own_act: {
    status: 403,
    title: { en: 'Another administrator must confirm', zh: '须由另一名管理员确认' },
    rule: '/docs/decisions/separation-of-duties.md#four-eyes',
    hint: {
      en: 'Let an administrator with another holder’s credentials confirm or refuse it.',
      zh: '请由其他持有人的管理员确认或拒绝。',
    },
  },
  unknown_act: {
    status: 404,
    title: { en: 'No such act waits', zh: '待确认操作不存在' },
    rule: '/docs/decisions/separation-of-duties.md#four-eyes',
    hint: {
      en: 'List the pending acts. One that was done, was refused or has ended is gone: ask again.',
      zh: '请查看待确认操作列表。已完成、已拒绝或已失效的操作不再保留，请重新申请。',
    },
  },
  too_many_acts: {
    status: 409,
    title: { en: 'Too many acts wait', zh: '待确认操作过多' },
    rule: '/docs/decisions/separation-of-duties.md#four-eyes',
    hint: {
      en: 'Confirm or refuse some of the pending acts, then ask again.',
      zh: '请先确认或拒绝部分待确认操作，再重新申请。',
    },
  },
  act_differs: {
    status: 409,
    title: { en: 'The act is another one', zh: '操作内容不符' },
    rule: '/docs/decisions/separation-of-duties.md#four-eyes',
    hint: {
      en: 'Read the act in the list, and confirm it by the SHA-256 it has there.',
      zh: '请在列表中核对操作内容，并以其中的 SHA-256 确认。',
    },
  },
  key_rotated: {
    status: 409,
    title: { en: 'The ledger has another signing key', zh: '账本已换用另一签名密钥' },
    rule: '/docs/decisions/keys.md#another-signing-key',
    hint: {
      en: 'Read the key the ledger has now, and ask for a rotation again if it is to be replaced.',
      zh: '请查看账本现用的密钥；如仍需更换，请重新申请轮换。',
    },
  },
  restore_unconfirmed: {
    status: 503,
    title: { en: 'The restore is not confirmed', zh: '恢复尚未确认' },
    rule: '/docs/decisions/separation-of-duties.md#restoring',
    hint: {
      en: 'Let an administrator confirm the restore in the list of pending acts.',
      zh: '请由管理员在待确认操作列表中确认该恢复。',
    },
  },
  not_confirmed: {
    status: 409,
    title: { en: 'Not confirmed yet', zh: '尚未确认' },
    rule: '/docs/decisions/separation-of-duties.md#four-eyes',
    hint: {
      en: 'Let another administrator confirm the act, then fetch the token.',
      zh: '请由另一名管理员确认后再领取令牌。',
    },
  },
  separation_of_duties: {
    status: 403,
    title: { en: 'Another person must do this', zh: '须由他人操作' },
    rule: '/docs/spec/rules.md#7-appeals',
    hint: {
      en: 'Who recorded the deduction must not decide on it. Let somebody else send the decision.',
      zh: '经办扣分的人员不得对其作出裁定，请由他人提交。',
    },
  },
  not_found: {
    status: 404,
    title: { en: 'Nothing is here', zh: '未找到' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5',
    hint: { en: 'Check the path against /docs.', zh: '请对照 /docs 核对路径。' },
  },
  unknown_key: {
    status: 404,
    title: { en: 'Unknown API key', zh: 'API 密钥不存在' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5',
    hint: { en: 'List the keys for their ids.', zh: '请在密钥列表中查看编号。' },
  },
  unknown_webhook: {
    status: 404,
    title: { en: 'Unknown webhook', zh: '订阅不存在' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5',
    hint: { en: 'List the webhooks for their ids.', zh: '请在订阅列表中查看编号。' },
  },
  unknown_pack: {
    status: 404,
    title: { en: 'Unknown evidence pack', zh: '证据包不存在' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5',
    hint: {
      en:
        'A pack is kept for one hour, and only for the sender who asked for it. ' +
        'Ask for it again.',
      zh: '证据包仅为申请者保留一小时，请重新申请。',
    },
  },
  unknown_evidence: {
    status: 404,
    title: { en: 'Unknown evidence', zh: '证据不存在' },
    rule: `/${ruleLinks.unknown_evidence}`,
    hint: {
      en: 'Check the evidenceId, and whether the evidence was registered.',
      zh: '请核对 evidenceId，并确认该证据已登记。',
    },
  },
  pack_not_ready: {
    status: 409,
    title: { en: 'The evidence pack is not ready', zh: '证据包尚未就绪' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.10',
    hint: {
      en: 'Read its state, or listen to its events, until it is ready. One that failed says why.',
      zh: '请查询其状态或订阅其进度，直至就绪；若已失败，状态中会说明原因。',
    },
  },
  no_pack: {
    status: 422,
    title: { en: 'No such pack can be made', zh: '无法生成该证据包' },
    rule: '/docs/spec/evidence-pack.md#verification',
    hint: {
      en:
        'The detail names the step of the pack that fails, and why. ' +
        'Correct what was asked for, and ask again.',
      zh: 'detail 指出失败的步骤及原因。请更正后重新申请。',
    },
  },
  method_not_allowed: {
    status: 405,
    title: { en: 'Not with this method', zh: '不支持该请求方法' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6',
    hint: { en: 'Use a method that the Allow header names.', zh: '请使用 Allow 头中列出的方法。' },
  },
  not_acceptable: {
    status: 406,
    title: { en: 'Not in a form you accept', zh: '无法以所要求的格式提供' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.7',
    hint: {
      en: 'Accept application/json, or leave Accept out.',
      zh: '请接受 application/json，或不发送 Accept。',
    },
  },
  request_timeout: {
    status: 408,
    title: { en: 'The request took too long to arrive', zh: '请求接收超时' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9',
    hint: {
      en: 'Send it again with the same Idempotency-Key; nothing is stored twice.',
      zh: '请使用相同的 Idempotency-Key 重发，不会重复入账。',
    },
  },
  expectation_failed: {
    status: 417,
    title: { en: 'The expectation cannot be met', zh: '无法满足 Expect 要求' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.18',
    hint: {
      en: 'Leave Expect out, or send "Expect: 100-continue".',
      zh: '请勿发送 Expect，或发送 Expect: 100-continue。',
    },
  },
  key_revoked: {
    status: 409,
    title: { en: 'The API key was revoked', zh: 'API 密钥已吊销' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.10',
    hint: { en: 'Issue another key.', zh: '请签发新的密钥。' },
  },
  key_expired: {
    status: 409,
    title: { en: 'The API key has expired', zh: 'API 密钥已过期' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.10',
    hint: { en: 'Issue another key.', zh: '请签发新的密钥。' },
  },
  too_many_keys: {
    status: 409,
    title: { en: 'Too many API keys', zh: 'API 密钥数量已达上限' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.10',
    hint: {
      en: 'Rotate a key instead of issuing another. One leaves the list 400 days after its end.',
      zh: '请轮换现有密钥，而不签发新密钥。密钥失效 400 天后移出列表。',
    },
  },
  too_many_webhooks: {
    status: 409,
    title: { en: 'Too many webhooks', zh: '订阅数量已达上限' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.10',
    hint: {
      en: 'Remove one that is not needed: one key may have 10, and all together 100.',
      zh: '请删除不需要的订阅：每个密钥最多 10 个，合计最多 100 个。',
    },
  },
  precondition_failed: {
    status: 412,
    title: { en: 'Changed meanwhile', zh: '内容已发生变更' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.13',
    hint: {
      en:
        'Somebody recorded something since the revision in If-Match. ' +
        'Read it again, then decide whether to send the command still.',
      zh: '自 If-Match 所示修订之后已有新记录。请重新读取后再决定是否提交。',
    },
  },
  body_too_large: {
    status: 413,
    title: { en: 'The body is too large', zh: '请求体过大' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.14',
    hint: {
      en: 'Send less at once; for many commands use the import.',
      zh: '请减少单次内容；大量指令请使用批量导入。',
    },
  },
  uri_too_long: {
    status: 414,
    title: { en: 'The address is too long', zh: '请求地址过长' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.15',
    hint: { en: 'Send fewer or shorter parameters.', zh: '请减少或缩短参数。' },
  },
  unsupported_media_type: {
    status: 415,
    title: { en: 'Not in this media type', zh: '不支持的内容类型' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16',
    hint: {
      en: 'Send Content-Type: application/json, or application/x-ndjson for the import.',
      zh: '请使用 Content-Type: application/json；批量导入使用 application/x-ndjson。',
    },
  },
  precondition_required: {
    status: 428,
    title: { en: 'Say which revision you read', zh: '缺少修订号' },
    rule: 'https://www.rfc-editor.org/rfc/rfc6585#section-3',
    hint: {
      en: 'Send If-Match with the ETag of what you read.',
      zh: '请在 If-Match 中附上所读取内容的 ETag。',
    },
  },
  too_many_requests: {
    status: 429,
    title: { en: 'Too many requests', zh: '请求过于频繁' },
    rule: 'https://www.rfc-editor.org/rfc/rfc6585#section-4',
    hint: { en: 'Wait as long as Retry-After says.', zh: '请按 Retry-After 等待后重试。' },
  },
  headers_too_large: {
    status: 431,
    title: { en: 'The headers are too large', zh: '请求头过大' },
    rule: 'https://www.rfc-editor.org/rfc/rfc6585#section-5',
    hint: { en: 'Send fewer or shorter headers.', zh: '请减少或缩短请求头。' },
  },
  internal: {
    status: 500,
    title: { en: 'An error on our side', zh: '服务内部错误' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.1',
    hint: {
      en:
        'Give the request id to the operator of the service. ' +
        'A command can be sent again with the same Idempotency-Key.',
      zh: '请将请求编号告知运维人员。指令可使用相同的 Idempotency-Key 重发。',
    },
  },
  integrity: {
    status: 500,
    title: { en: 'The stored bytes are not what was stored', zh: '存储内容与记录不符' },
    rule: '/docs/spec/event.md#verification',
    hint: {
      en: 'Nothing is answered on damaged records. Run "ledger verify" and look at what it names.',
      zh: '记录受损，无法作答。请运行 ledger verify 并查看其指出的问题。',
    },
  },
  unavailable: {
    status: 503,
    title: { en: 'Not available at the moment', zh: '服务暂不可用' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4',
    hint: {
      en:
        'The store is busy, unreachable or stopping. ' +
        'Try again after Retry-After, with the same Idempotency-Key.',
      zh: '存储繁忙、无法访问或正在停止。请在 Retry-After 之后使用相同的 Idempotency-Key 重试。',
    },
  },
  issuer_unreachable: {
    status: 503,
    title: { en: 'Tokens cannot be checked now', zh: '暂时无法验证令牌' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4',
    hint: {
      en:
        'The issuer of the tokens gives no keys. Send the request again after Retry-After, ' +
        'or with an API key.',
      zh: '令牌签发方未能提供公钥。请在 Retry-After 之后重发，或改用 API 密钥。',
    },
  },
  not_the_writer: {
    status: 503,
    title: { en: 'Another node takes commands', zh: '本节点不接收指令' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4',
    hint: {
      en:
        'This node only answers. Send the command, with the same Idempotency-Key, where ' +
        '/health/writer answers 200, or again after Retry-After.',
      zh:
        '本节点仅提供查询。请使用相同的 Idempotency-Key，' +
        '将指令发往 /health/writer 返回 200 的节点，或在 Retry-After 之后重试。',
    },
  },
  fenced: {
    status: 503,
    title: { en: 'Another machine took over', zh: '账本已由另一台机器接管' },
    rule: '/docs/decisions/following.md#the-fence',
    hint: {
      en:
        'This service never takes commands again. Send the command, with the same ' +
        'Idempotency-Key, to the service that the detail names; ask the operator if it names none.',
      zh:
        '本服务不再接收指令。请使用相同的 Idempotency-Key，将指令发往 detail 所示的服务；' +
        '若未注明，请联系运维人员。',
    },
  },
  not_followed: {
    status: 503,
    title: { en: 'The second machine is away', zh: '第二台机器不可达' },
    rule: '/docs/decisions/following.md#the-fence',
    hint: {
      en:
        'The command may be stored, and is not acknowledged. ' +
        'Send it again after Retry-After, with the same Idempotency-Key.',
      zh: '指令可能已存储，但未确认。请在 Retry-After 之后使用相同的 Idempotency-Key 重发。',
    },
  },
  stale_term: {
    status: 409,
    title: { en: 'The term is over', zh: '任期已过' },
    rule: '/docs/decisions/following.md#the-fence',
    hint: {
      en: 'This ledger is in the same term or a later one. Promote the copy that is right anew.',
      zh: '本账本已处于同一或更晚的任期。请重新提升正确的副本。',
    },
  },
  other_ledger: {
    status: 409,
    title: { en: 'Another ledger is meant', zh: '所指为另一账本' },
    rule: '/docs/decisions/following.md#the-fence',
    hint: {
      en: 'Nothing was changed. Give the URL of the service that the copy followed.',
      zh: '未作任何更改。请给出该副本所跟随服务的 URL。',
    },
  },
  no_promotion: {
    status: 422,
    title: { en: 'Not a promotion of this ledger', zh: '不是本账本的提升证明' },
    rule: '/docs/spec/receipt.md#verification',
    hint: {
      en: 'Send the event WriterPromoted and its receipt, as the promoted service gives them.',
      zh: '请发送提升后的服务给出的 WriterPromoted 事件及其回执。',
    },
  },
  never_promoted: {
    status: 404,
    title: { en: 'Never promoted', zh: '从未提升' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.5',
    hint: {
      en: 'The ledger is in its first term, or its promotion is not signed yet.',
      zh: '账本处于第一任期，或其提升尚未签署。',
    },
  },
  not_followable: {
    status: 409,
    title: { en: 'This ledger cannot be followed', zh: '本账本不支持跟随' },
    rule: '/docs/decisions/following.md#the-fence',
    hint: {
      en: 'Its events are on an engine that nodes share. Add a node there instead.',
      zh: '其事件位于多节点共享的引擎。请改为在该引擎上增加节点。',
    },
  },
  not_ready: {
    status: 503,
    title: { en: 'Not ready yet', zh: '服务尚未就绪' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4',
    hint: {
      en: 'The service is starting. /health/ready says what is missing.',
      zh: '服务正在启动，/health/ready 会说明尚缺什么。',
    },
  },
  not_caught_up: {
    status: 503,
    title: { en: 'Not as far as you ask', zh: '查询数据尚未更新到所需位置' },
    rule: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4',
    hint: {
      en: 'This node has not reached atLeast in time. Ask again after Retry-After.',
      zh: '本节点未能及时到达 atLeast。请在 Retry-After 之后重试。',
    },
  },
} as const satisfies Readonly<Record<string, ProblemText>>;

export type ServiceCode = keyof typeof serviceTexts;
