import 'reflect-metadata';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsUrl,
  Matches,
  Max,
  Min,
  ValidateBy,
  validateSync,
} from 'class-validator';
import { defaultEvidenceFileBytes } from '@penalty-ledger/application/evidence-files';
import { defaultStoreUrl, storeUrlStart } from '@penalty-ledger/application/store-url';
import { allowedTargets, type AllowedTargets } from '@penalty-ledger/application/webhooks';
import { isIP } from 'node:net';
import { isSafeFromOthers, type OidcSettings } from '../guard/oidc/oidc-settings.js';
import { copyUrlForm } from '../access-copy/copy-target.js';
import type { NeededFollower } from '../served/followers.js';

/** The service cannot be started as it was asked for. */
export class SettingsError extends Error {
  readonly code = 'usage';

  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** The settings by the variables they are read from. */
const settingOf = new Map<string, { readonly field: string; readonly isNumber: boolean }>();

/** Names the variable of a setting. */
function FromVariable(name: string, { isNumber = false } = {}): PropertyDecorator {
  return (_, field) => settingOf.set(name, { field: String(field), isNumber });
}

/** The service's settings: each from the variable of its name in the environment. */
export class Settings {
  /** `sqlite:PATH`, `esdb://…` or `kurrentdb://…` (interchange §1). */
  @FromVariable('LEDGER_STORE')
  @Matches(storeUrlStart, {
    message: `LEDGER_STORE: give a store URL such as ${defaultStoreUrl}`,
  })
  readonly store: string = defaultStoreUrl;

  /** The address to listen on. Any but loopback needs TLS or a stated proxy. */
  @FromVariable('LEDGER_HOST')
  @IsNotEmpty({ message: 'LEDGER_HOST: give an address such as 127.0.0.1, or leave it out' })
  readonly host: string = '127.0.0.1';

  /** 0 takes any free one. */
  @FromVariable('LEDGER_PORT', { isNumber: true })
  @IsInt({ message: 'LEDGER_PORT: give a port from 0 to 65535' })
  @Min(0, { message: 'LEDGER_PORT: give a port from 0 to 65535' })
  @Max(65_535, { message: 'LEDGER_PORT: give a port from 0 to 65535' })
  readonly port: number = 8080;

  /** Files in PEM. */
  @FromVariable('LEDGER_TLS_CERT')
  @IsOptional()
  @IsNotEmpty({ message: 'LEDGER_TLS_CERT: give the file of the certificate, in PEM' })
  readonly tlsCert?: string;

  @FromVariable('LEDGER_TLS_KEY')
  @IsOptional()
  @IsNotEmpty({ message: 'LEDGER_TLS_KEY: give the file of the private key, in PEM' })
  readonly tlsKey?: string;

  /**
   * Addresses or networks of the proxies that end TLS, separated by commas: their `X-Forwarded-For`
   * is believed.
   */
  @FromVariable('LEDGER_TRUST_PROXY')
  @IsOptional()
  @Matches(/^[0-9a-fA-F.:/]+(?:,[0-9a-fA-F.:/]+)*$/, {
    message: 'LEDGER_TRUST_PROXY: give addresses or networks of proxies, such as 10.0.0.0/8',
  })
  readonly trustProxy?: string;

  @FromVariable('LEDGER_MODE')
  @IsOptional()
  @IsIn(['observer', 'operator'], {
    message: 'LEDGER_MODE: "observer" or "operator"; fixed for a ledger’s life',
  })
  readonly mode?: 'observer' | 'operator';

  /** Requests a minute with one key, and from one address without a known key, before 429. */
  @FromVariable('LEDGER_RATE_LIMIT', { isNumber: true })
  @IsInt({ message: 'LEDGER_RATE_LIMIT: give requests a minute' })
  @Min(1, { message: 'LEDGER_RATE_LIMIT: give at least 1 request a minute' })
  readonly rateLimit: number = 60_000;

  /** Requests a minute with all keys of one agency before 429. */
  @FromVariable('LEDGER_AGENCY_RATE_LIMIT', { isNumber: true })
  @IsInt({ message: 'LEDGER_AGENCY_RATE_LIMIT: give requests a minute' })
  @Min(1, { message: 'LEDGER_AGENCY_RATE_LIMIT: give at least 1 request a minute' })
  readonly agencyRateLimit: number = 60_000;

  /** Seconds in which a request's headers, and then a command's body, have to arrive. */
  @FromVariable('LEDGER_REQUEST_SECONDS', { isNumber: true })
  @IsInt({ message: 'LEDGER_REQUEST_SECONDS: give seconds' })
  @Min(1, { message: 'LEDGER_REQUEST_SECONDS: give at least 1 second' })
  readonly requestSeconds: number = 15;

  /** Seconds between two checkpoints while events come. */
  @FromVariable('LEDGER_CHECKPOINT_SECONDS', { isNumber: true })
  @IsInt({ message: 'LEDGER_CHECKPOINT_SECONDS: give seconds' })
  @Min(1, { message: 'LEDGER_CHECKPOINT_SECONDS: give at least 1 second' })
  readonly checkpointSeconds: number = 60;

  /**
   * Hours in which every page of the read models is compared with its sum, again and again. A
   * fraction such as `0.25` for a small ledger.
   */
  @FromVariable('LEDGER_SCRUB_HOURS', { isNumber: true })
  @IsNumber({}, { message: 'LEDGER_SCRUB_HOURS: give hours from 0.001 to 168' })
  @Min(0.001, { message: 'LEDGER_SCRUB_HOURS: give hours from 0.001 to 168' })
  @Max(168, { message: 'LEDGER_SCRUB_HOURS: give hours from 0.001 to 168' })
  readonly scrubHours: number = 24;

  /**
   * On an engine that nodes share: the seconds that the writing node holds its lease without
   * renewing it, and so the longest that the others wait when it dies.
   */
  @FromVariable('LEDGER_LEASE_SECONDS', { isNumber: true })
  @IsInt({ message: 'LEDGER_LEASE_SECONDS: give seconds from 2 to 300' })
  @Min(2, { message: 'LEDGER_LEASE_SECONDS: give seconds from 2 to 300' })
  @Max(300, { message: 'LEDGER_LEASE_SECONDS: give seconds from 2 to 300' })
  readonly leaseSeconds: number = 15;

  /** The URLs, separated by commas, at which a promoted copy of this ledger would be served. */
  @FromVariable('LEDGER_FOLLOWERS')
  @IsOptional()
  @Matches(/^https?:\/\/[^\s,]+(?:,https?:\/\/[^\s,]+){0,7}$/, {
    message: 'LEDGER_FOLLOWERS: give up to 8 URLs such as https://b.example:8443',
  })
  readonly followerUrls?: string;

  /** The authority that signed the certificates of those services, a file in PEM. */
  @FromVariable('LEDGER_FOLLOWERS_CA')
  @IsOptional()
  @IsNotEmpty({ message: 'LEDGER_FOLLOWERS_CA: give a file of certificates, in PEM' })
  readonly followersCa?: string;

  /** The bytes that a file of evidence may have, at most 4 GiB. */
  @FromVariable('LEDGER_EVIDENCE_BYTES', { isNumber: true })
  @IsInt({ message: 'LEDGER_EVIDENCE_BYTES: give bytes from 1 to 4294967296' })
  @Min(1, { message: 'LEDGER_EVIDENCE_BYTES: give bytes from 1 to 4294967296' })
  @Max(4_294_967_296, { message: 'LEDGER_EVIDENCE_BYTES: give bytes from 1 to 4294967296' })
  readonly evidenceBytes: number = defaultEvidenceFileBytes;

  /** `1`: give the ledger's keys to an administrator who follows with them. */
  @FromVariable('LEDGER_SHARE_KEYS')
  @IsOptional()
  @IsIn(['0', '1'], { message: 'LEDGER_SHARE_KEYS: 1 or 0' })
  readonly shareKeys?: '0' | '1';

  /** The name of the follower without which the service acknowledges nothing. */
  @FromVariable('LEDGER_FOLLOWED_BY')
  @IsOptional()
  @Matches(/^[A-Za-z0-9._-]{1,64}$/, {
    message:
      'LEDGER_FOLLOWED_BY: give the --name of a follower, 1 to 64 characters A-Z a-z 0-9 . _ -',
  })
  readonly followedBy?: string;

  /** Seconds for which a request of that follower counts. */
  @FromVariable('LEDGER_FOLLOWED_SECONDS', { isNumber: true })
  @IsInt({ message: 'LEDGER_FOLLOWED_SECONDS: give seconds from 3 to 300' })
  @Min(3, { message: 'LEDGER_FOLLOWED_SECONDS: give seconds from 3 to 300' })
  @Max(300, { message: 'LEDGER_FOLLOWED_SECONDS: give seconds from 3 to 300' })
  readonly followedSeconds: number = 15;

  /** `1`: acknowledge a command when that follower holds its events, too. */
  @FromVariable('LEDGER_FOLLOWED_IN_STEP')
  @IsOptional()
  @IsIn(['0', '1'], { message: 'LEDGER_FOLLOWED_IN_STEP: 1 or 0' })
  readonly followedInStep?: '0' | '1';

  /** A URI to which weaknesses of the service are reported: served as RFC 9116 says. */
  @FromVariable('LEDGER_SECURITY_CONTACT')
  @IsOptional()
  @Matches(/^(?:mailto:|https:\/\/|tel:)[\x21-\x7e]{1,256}$/, {
    message:
      'LEDGER_SECURITY_CONTACT: give one URI such as mailto:security@example.com or https://…',
  })
  readonly securityContact?: string;

  /** A second place of the access log. */
  @FromVariable('LEDGER_ACCESS_LOG_COPY')
  @IsOptional()
  @Matches(copyUrlForm, {
    message:
      'LEDGER_ACCESS_LOG_COPY: give file:PATH, https://…, syslog://HOST:PORT or ' +
      'syslog+tls://HOST:PORT',
  })
  readonly accessLogCopy?: string;

  /** The bearer token that a collector of the access log knows the service by. */
  @FromVariable('LEDGER_ACCESS_LOG_COPY_TOKEN')
  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,4096}$/, {
    message: 'LEDGER_ACCESS_LOG_COPY_TOKEN: give a token of up to 4096 characters without spaces',
  })
  readonly accessLogCopyToken?: string;

  /** The months that the access log keeps beside the current one; all unless given. */
  @FromVariable('LEDGER_ACCESS_LOG_MONTHS', { isNumber: true })
  @IsOptional()
  @IsInt({ message: 'LEDGER_ACCESS_LOG_MONTHS: give months from 1 to 1200' })
  @Min(1, { message: 'LEDGER_ACCESS_LOG_MONTHS: give months from 1 to 1200' })
  @Max(1200, { message: 'LEDGER_ACCESS_LOG_MONTHS: give months from 1 to 1200' })
  readonly accessLogMonths?: number;

  @FromVariable('LEDGER_LOG_LEVEL')
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'silent'], {
    message: 'LEDGER_LOG_LEVEL: fatal, error, warn, info, debug or silent',
  })
  readonly logLevel: string = 'info';

  /** Hosts with their ports that webhooks may go to beside public addresses. */
  @FromVariable('LEDGER_WEBHOOK_TARGETS')
  @IsOptional()
  @ValidateBy(
    { name: 'areTargets', validator: { validate: areTargets } },
    {
      message:
        'LEDGER_WEBHOOK_TARGETS: give hosts with ports, such as ' +
        'hooks.internal:8443,127.0.0.1:9000; public addresses need none',
    },
  )
  readonly webhookTargets?: string;

  @FromVariable('LEDGER_OIDC_ISSUER')
  @IsOptional()
  @IsUrl(
    { require_tld: false, require_protocol: true, protocols: ['https', 'http'] },
    { message: 'LEDGER_OIDC_ISSUER: give the issuer’s URL' },
  )
  readonly oidcIssuer?: string;

  @FromVariable('LEDGER_OIDC_AUDIENCE')
  @IsOptional()
  @IsNotEmpty({ message: 'LEDGER_OIDC_AUDIENCE: give the audience of our tokens' })
  readonly oidcAudience?: string;

  /** The address of the issuer's keys, where it is not to be discovered. */
  @FromVariable('LEDGER_OIDC_JWKS')
  @IsOptional()
  @ValidateBy(
    { name: 'isSafeFromOthers', validator: { validate: isSafeUrl } },
    { message: 'LEDGER_OIDC_JWKS: give the https URL of the issuer’s keys, or leave it out' },
  )
  readonly oidcJwks?: string;

  @FromVariable('LEDGER_OIDC_ROLES_CLAIM')
  @IsNotEmpty({
    message: 'LEDGER_OIDC_ROLES_CLAIM: give the claim that lists roles, such as realm_access.roles',
  })
  readonly oidcRolesClaim: string = 'roles';

  @FromVariable('LEDGER_OIDC_AGENCY_CLAIM')
  @IsNotEmpty({ message: 'LEDGER_OIDC_AGENCY_CLAIM: give the claim that names the agency' })
  readonly oidcAgencyClaim: string = 'agency_id';

  get oidc(): OidcSettings | undefined {
    const { oidcIssuer: issuer, oidcAudience: audience, oidcJwks: jwksUrl } = this;
    if (issuer === undefined || audience === undefined) return undefined;
    return {
      issuer,
      audience,
      ...(jwksUrl !== undefined && { jwksUrl }),
      rolesClaim: this.oidcRolesClaim,
      agencyClaim: this.oidcAgencyClaim,
    };
  }

  get allowedWebhookTargets(): AllowedTargets | undefined {
    return this.webhookTargets === undefined ? undefined : allowedTargets(this.webhookTargets);
  }

  get neededFollower(): NeededFollower | undefined {
    const { followedBy: name, followedSeconds: seconds, followedInStep } = this;
    return name === undefined ? undefined : { name, seconds, inStep: followedInStep === '1' };
  }

  get hasTls(): boolean {
    return this.tlsCert !== undefined;
  }
}

/**
 * Reads the settings.
 *
 * @throws SettingsError naming every variable that is wrong, and what to give
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const settings = new Settings();
  for (const [variable, { field, isNumber }] of settingOf) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    Object.assign(settings, {
      [field]: isNumber && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text,
    });
  }
  const wrong = validateSync(settings).flatMap(({ constraints = {} }) =>
    Object.values(constraints).slice(0, 1),
  );
  const problems = [...wrong, ...contradictionsIn(settings)];
  if (problems.length > 0) throw new SettingsError(problems.join('; '));
  return settings;
}

function contradictionsIn({ host, tlsCert, tlsKey, trustProxy, ...rest }: Settings): string[] {
  const problems: string[] = [];
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    problems.push('LEDGER_TLS_CERT and LEDGER_TLS_KEY: give both, or neither');
  if (!isLoopback(host) && tlsCert === undefined && trustProxy === undefined) {
    problems.push(
      `LEDGER_HOST: "${host}" can be reached from outside, and keys would travel in clear; ` +
        'give LEDGER_TLS_CERT and LEDGER_TLS_KEY, or name the proxy that ends TLS in ' +
        'LEDGER_TRUST_PROXY',
    );
  }
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwks: jwks } = rest;
  if ((issuer === undefined) !== (audience === undefined))
    problems.push('LEDGER_OIDC_ISSUER and LEDGER_OIDC_AUDIENCE: give both, or neither');
  if (jwks !== undefined && issuer === undefined)
    problems.push('LEDGER_OIDC_JWKS: give LEDGER_OIDC_ISSUER and LEDGER_OIDC_AUDIENCE, too');
  if (issuer !== undefined && jwks === undefined && !isDiscoverable(issuer)) {
    problems.push(
      `LEDGER_OIDC_ISSUER: no discovery document can be fetched of "${issuer}"; ` +
        'give an https URL without query and fragment, or LEDGER_OIDC_JWKS',
    );
  }
  return problems;
}

function isSafeUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && isSafeFromOthers(value);
}

function areTargets(value: unknown): boolean {
  return typeof value === 'string' && allowedTargets(value) !== undefined;
}

/** OpenID Connect Discovery 1.0, section 3, on `issuer`. */
function isDiscoverable(issuer: string): boolean {
  return isSafeUrl(issuer) && !/[?#]/.test(issuer);
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
