/**
 * Chrome derives an extension's id from the public key in its manifest, so this one is the same on every machine.
 * The private half was thrown away: nobody can sign another extension with this id for a store.
 */
export const chromePublicKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7asHWfnwQ2lo9EewfLUzx6M7AnowG9+HYNJrxQhhBlANbWwYMLCO3LejIdgbcB7eRxGygfkg6Uc3ZWSh35jbPTBx7+wLmNDil3dLffQpXg1IenVOaUiBFtkETW/pe6MWopI/ugXuFnRosMET9FA6oEsrmDllpGS5IGUKjfPBs6E/8Euxjlti5HTK7LhMsi0NvcT9/jgbCL0q5y6gSCPCLAFWlHGLh249JS3pq2xB77aNNLaMjanpZLMTAiyk5VpEhwGkze+sjpGsaB9FiECgNn8xWfgTN5xbxJY4i+0XVCibXlALUxDi6bEGgCxqBA2PMZB9B2CPLbZX/mI5wiLt3wIDAQAB';

/** First 16 bytes of the key's SHA-256, written with the letters a to p. */
export const chromeExtensionId = 'dpmffplakdbkjidnjkglojojkmndlimg';

/** What Chrome sends as `Origin` from our background. */
export const chromeExtensionOrigin = `chrome-extension://${chromeExtensionId}`;

/** Firefox makes a new origin for every profile; only this id, which no server ever sees, is fixed. */
export const firefoxExtensionId = 'gitprotect-bitbucket@gitprotect.example';
