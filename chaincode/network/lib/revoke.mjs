// Locking a member out takes two steps: the CA writes the certificate down as revoked, and the
// channel is told by a configuration update. After the first alone, the certificate still works.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCa } from './ca.mjs';
import { ordererArguments } from './channel.mjs';
import { adminEnvironment } from './nodes.mjs';
import { call } from './programs.mjs';

export async function revokeAtCa(dir, state, org, id) {
  const ca = await openCa(dir, state, org);
  await ca.service.revoke({ enrollmentID: id, reason: 'cessationofoperation' }, ca.user);
  return ca.service.generateCRL({}, ca.user); // base64 of the PEM text
}

/** Puts the CA's list of revoked certificates into the organisation's entry of the channel configuration. */
export async function publishCrl(dir, state, programs, org, crlBase64) {
  const folder = join(dir, 'channel', 'update');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = (name) => join(folder, name);
  const env = adminEnvironment(dir, org);
  const translate = (...args) => call(programs.configtxlator.path, args);
  const decode = async (from, type, to) => {
    await translate('proto_decode', '--input', from, '--type', type, '--output', to);
    return JSON.parse(await readFile(to, 'utf8'));
  };
  const encode = async (value, name, type) => {
    await writeFile(file(`${name}.json`), JSON.stringify(value));
    await translate('proto_encode', '--input', file(`${name}.json`), '--type', type, '--output', file(`${name}.pb`));
    return file(`${name}.pb`);
  };

  await call(
    programs.peer.path,
    ['channel', 'fetch', 'config', file('block.pb'), '-c', state.channel, ...ordererArguments(dir, state)],
    { env },
  );
  const block = await decode(file('block.pb'), 'common.Block', file('block.json'));
  const config = block.data.data[0].payload.data.config;
  const original = await encode(config, 'original', 'common.Config');
  for (const group of ['Application', 'Orderer']) {
    const msp = config.channel_group.groups[group].groups[org.mspId].values.MSP.value.config;
    // The CA's list is complete each time, so it takes the place of the one before.
    msp.revocation_list = [crlBase64];
  }
  const modified = await encode(config, 'modified', 'common.Config');
  await translate(
    'compute_update',
    ...['--channel_id', state.channel, '--original', original, '--updated', modified, '--output', file('update.pb')],
  );
  const update = await decode(file('update.pb'), 'common.ConfigUpdate', file('update.json'));
  const header = { channel_header: { channel_id: state.channel, type: 2 } };
  const envelope = await encode(
    { payload: { header, data: { config_update: update } } },
    'envelope',
    'common.Envelope',
  );
  await call(
    programs.peer.path,
    ['channel', 'update', '-f', envelope, '-c', state.channel, ...ordererArguments(dir, state)],
    { env },
  );
}
