// Hosts the compiled contract as fabric-shim does, on a stub that answers nothing, and prints what it says.
process.env.CORE_CHAINCODE_LOGGING_LEVEL = 'fatal';
process.env.CORE_CHAINCODE_LOGGING_SHIM = 'fatal';
const { webcrypto } = require('node:crypto');
require('reflect-metadata');
const x509 = require('@peculiar/x509');
const ChaincodeFromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js');
const { contracts, serializers } = require('../../chaincode/dist/contract.js');

const print = (value) => console.log(JSON.stringify(value));

async function main() {
  const chaincode = new ChaincodeFromContract([...contracts], serializers);
  const { transactions } = chaincode.metadata.contracts.crowdwatt;
  print({ names: transactions.map(({ name }) => name), parameters: JSON.stringify(transactions[0].parameters) });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { serialNumber: '01', name: 'CN=nobody', signingAlgorithm: algorithm, keys },
    webcrypto,
  );
  const creator = { mspid: 'OperatorMSP', idBytes: Buffer.from(certificate.toString('pem')) };
  for (const args of [['Nothing'], ['OpenDay', '{ }'], ['OpenDay', '{"args":{},"operationId":"o","timestamp":0}']]) {
    const { status, message } = await chaincode.Invoke({
      getBufferArgs: () => args.map((text) => Buffer.from(text)),
      getFunctionAndParameters: () => ({ fcn: args[0], params: args.slice(1) }),
      getTxID: () => 'tx',
      getChannelID: () => 'channel',
      getCreator: () => creator,
      getTxTimestamp: () => ({ seconds: 0, nanos: 0 }),
    });
    print({ status, message });
  }
}

main();
