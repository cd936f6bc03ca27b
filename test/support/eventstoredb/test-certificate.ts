/**
 * A certificate of 127.0.0.1 and localhost for tests alone, valid for a hundred years. Its
 * authority's key was thrown away. Node cannot make certificates; these commands made it:
 *
 *   openssl ecparam -name prime256v1 -genkey -noout -out ca.key
 *   openssl req -x509 -new -key ca.key -sha256 -days 36500 \
 *     -subj "/CN=wire-server test authority" -out ca.pem
 *   openssl ecparam -name prime256v1 -genkey -noout -out node.key
 *   openssl req -new -key node.key -subj "/CN=wire-server test node" -out node.csr
 *   printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' > node.ext
 *   openssl x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
 *     -days 36500 -sha256 -extfile node.ext -out node.pem
 */
const node = `-----BEGIN CERTIFICATE-----
MIIBvTCCAWKgAwIBAgIUMtxQt9BP9WTUzkZZj5t+0nZHmsswCgYIKoZIzj0EAwIw
JTEjMCEGA1UEAwwad2lyZS1zZXJ2ZXIgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTI0
MDEyODMwWhgPMjEyNjEwMzEwMTI4MzBaMCAxHjAcBgNVBAMMFXdpcmUtc2VydmVy
IHRlc3Qgbm9kZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCZWEZ+r0X6oUzkY
HViSnvtaZbqHnyHnUtmTovEogWTKkuxAV/Vz92i9+6l9RVmEEHk5vsCMZQSL9jzj
22S+oT6jczBxMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATATBgNVHSUEDDAK
BggrBgEFBQcDATAdBgNVHQ4EFgQUmO/EviMPdhQGiCpNonTy7SOu7lcwHwYDVR0j
BBgwFoAUswozDF7Wn3iNaY61bDl646gyOukwCgYIKoZIzj0EAwIDSQAwRgIhAOuv
oLMIYdCHz+5esX3Zb8TmtpqB9up3ud+QaZy+sJq9AiEA8yLud2+xLGafYLfl6ZsS
QR0uc29gL2ovNYn6CpUGUy0=
-----END CERTIFICATE-----
`;

const nodeKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIDq65QOdFEDd+wfBulqv7VejTqcGsOGgXX4osNCHH+KBoAoGCCqGSM49
AwEHoUQDQgAEJlYRn6vRfqhTORgdWJKe+1pluoefIedS2ZOi8SiBZMqS7EBX9XP3
aL37qX1FWYQQeTm+wIxlBIv2POPbZL6hPg==
-----END EC PRIVATE KEY-----
`;

/** The authority's certificate in PEM: what a client needs in its `tlsCAFile`. */
export const testAuthority = `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUJWvYxX8ubsbOmuDRvQaf2wXHG5IwCgYIKoZIzj0EAwIw
JTEjMCEGA1UEAwwad2lyZS1zZXJ2ZXIgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTI0
MDEyODMwWhgPMjEyNjEwMzEwMTI4MzBaMCUxIzAhBgNVBAMMGndpcmUtc2VydmVy
IHRlc3QgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAmonLMn+
yEvgD65xiQK7PMsEoQhj/6ZAFp1swABENBfRDvOskLnf1fA3JqByQ5IOJHYCK2VL
4VOviEM6NxzA8aNTMFEwHQYDVR0OBBYEFLMKMwxe1p94jWmOtWw5euOoMjrpMB8G
A1UdIwQYMBaAFLMKMwxe1p94jWmOtWw5euOoMjrpMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIgYLU0njs7clYuR8e90kKuLG4Aq8G6UPJtLuXuZtZl
yi0CIQCEC3LsyBByWpnpWRXXAwbZd8lP9+18mHuNQ9HsvIyskA==
-----END CERTIFICATE-----
`;

/** The `tls` option of a {@link WireServer}. */
export const testTls = { certificate: Buffer.from(node), key: Buffer.from(nodeKey) };

const expiredNode = `-----BEGIN CERTIFICATE-----
MIIBuzCCAWCgAwIBAgIULR/pjsj0Gi2uQ6dj0FGcyDiEM3swCgYIKoZIzj0EAwIw
JTEjMCEGA1UEAwwad2lyZS1zZXJ2ZXIgdGVzdCBhdXRob3JpdHkwHhcNMjYxMTI5
MjAzMDMwWhcNMjYxMTI4MjAzMDMwWjAgMR4wHAYDVQQDDBV3aXJlLXNlcnZlciB0
ZXN0IG5vZGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARQ0o1Ca+gNcmQqdlyt
62RhG2Kw4AXBaBSLmnrA+fYz5P7N4scC5C/toKbu3+09uX8Ww72ocaCu8t24D8K9
N2Wno3MwcTAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwEwYDVR0lBAwwCgYI
KwYBBQUHAwEwHQYDVR0OBBYEFGDMaaRNmQeriO/JT8th2V6UAgqAMB8GA1UdIwQY
MBaAFHHKTV6tLZW6NPHcgO7kNSIX6WyUMAoGCCqGSM49BAMCA0kAMEYCIQChig/y
arAVg0g3RATOhGQE+RqyO//bcnyVPTqiNbt+8wIhAKy5fCkOcyIoMOXS5D+mj/4u
os0I8TJfZYOtbNgAVeYn
-----END CERTIFICATE-----
`;

const expiredKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBk8NC8HqvwkJC/MRK9sKUzyoXBgzeqZEboCsOhSQL6ooAoGCCqGSM49
AwEHoUQDQgAEUNKNQmvoDXJkKnZcretkYRtisOAFwWgUi5p6wPn2M+T+zeLHAuQv
7aCm7t/tPbl/FsO9qHGgrvLduA/CvTdlpw==
-----END EC PRIVATE KEY-----
`;

/**
 * The `tls` option of a server whose certificate has expired, and its authority. Made as above, by
 * another authority, with `-days -1`.
 */
export const expiredTls = {
  certificate: Buffer.from(expiredNode),
  key: Buffer.from(expiredKey),
  authority: `-----BEGIN CERTIFICATE-----
MIIBoDCCAUegAwIBAgIUUxTe+FaMwMzZ47EJ7kyhVvj0cmwwCgYIKoZIzj0EAwIw
JTEjMCEGA1UEAwwad2lyZS1zZXJ2ZXIgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTI5
MjAzMDMwWhgPMjEyNjExMDUyMDMwMzBaMCUxIzAhBgNVBAMMGndpcmUtc2VydmVy
IHRlc3QgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEiKaCBuyV
3ltA/uxG3wgfN6FUdwwiHkxCa3lNeJJGqiLSHNZieZ4EXKOHblx0oqAdni0WjjKA
qla2DZjwUfpcqqNTMFEwHQYDVR0OBBYEFHHKTV6tLZW6NPHcgO7kNSIX6WyUMB8G
A1UdIwQYMBaAFHHKTV6tLZW6NPHcgO7kNSIX6WyUMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDRwAwRAIgLEbTlxW0yNNtS10kq6YqoVbLuACQwZ/G1aghJV+l
sxQCIDwQtkxumYGjyo+l9dTbDkrkbN/5xQD5Mi/7C5wDnB8j
-----END CERTIFICATE-----
`,
};
