import type { NextConfig } from 'next';

const config: NextConfig = {
  // A driver with a native part: loaded by Node itself, not bundled.
  serverExternalPackages: ['libsql'],
};

export default config;
