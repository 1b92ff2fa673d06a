/** Version 4 under another name; what the tests use of it has the types of version 5. */
declare module 'express4' {
  export { default } from 'express';
}
