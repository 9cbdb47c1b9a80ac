import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Authority, createAuthority } from '../../src/ledger/identity/authority.js';
import type { Role } from '../../src/ledger/types.js';

interface Registered {
  readonly secret: string;
  readonly role: Role;
}

/** As much of a Fabric CA as enrolment talks to: register and enroll, over TLS. */
export class FakeCa {
  readonly registered = new Map<string, Registered>();
  readonly calls: string[] = [];
  /** Answers of these calls never arrive, although the CA has done its part. */
  lose: string[] = [];
  /** Fabric-CA's code for a registrar that it does not accept. */
  refuseRegistrar = false;

  private constructor(
    private readonly server: Server,
    private readonly authority: Authority,
    /** Trusted root of its TLS certificate, PEM. */
    readonly root: string,
  ) {}

  static async start(): Promise<FakeCa> {
    const x509 = await import('reflect-metadata').then(() => import('@peculiar/x509'));
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
    const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: 'CN=localhost',
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
      ],
    });
    const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
    const root = certificate.toString('pem');
    const server = createServer({ key, cert: root });
    const ca = new FakeCa(server, await Authority.open(await createAuthority('fake')), root);
    server.on('request', async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const name = request.url!.split('/').pop()!;
      ca.calls.push(name);
      const answer = await ca.answer(name, JSON.parse(text), request.headers.authorization ?? '');
      const lost = ca.lose.indexOf(name);
      if (lost >= 0) {
        ca.lose.splice(lost, 1);
        request.socket.destroy();
        return;
      }
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return ca;
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  private async answer(name: string, body: Record<string, unknown>, authorization: string): Promise<unknown> {
    const failure = (code: number, message: string) => ({ success: false, result: '', errors: [{ code, message }] });
    if (name === 'register') {
      if (this.refuseRegistrar) return failure(71, 'Authorization failure');
      const id = body.id as string;
      if (this.registered.has(id)) return failure(74, `Identity '${id}' is already registered`);
      const role = (body.attrs as { value: Role }[])[0]!.value;
      this.registered.set(id, { secret: body.secret as string, role });
      return { success: true, result: { secret: body.secret } };
    }
    const [id, secret] = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':') as [
      string,
      string,
    ];
    const known = this.registered.get(id);
    if (known?.secret !== secret) return failure(20, 'Authentication failure');
    const certificate = await this.authority.issueFor(body.certificate_request as string, { id, role: known.role });
    const base64 = Buffer.from(certificate).toString('base64');
    return { success: true, result: { Cert: base64, ServerInfo: { CAChain: base64 } } };
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
