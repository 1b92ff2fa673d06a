/** Or a browser asks for `/favicon.ico`. */
const NO_ICON = '<link rel="icon" href="data:,">';

/** A page on which a customer pays. */
export function payHtml(back: string): string {
  const cancel = `<a href="${linkTo(back)}">Cancel</a>`;
  return `<!doctype html>${NO_ICON}<title>Pay</title><h1>Stand-in for Stripe</h1><form method="post"><button>Pay</button></form>${cancel}`;
}

/** The page on which a customer changes cards and subscriptions. */
export function portalHtml(back: string): string {
  const link = `<a href="${linkTo(back)}">Back</a>`;
  return `<!doctype html>${NO_ICON}<title>Portal</title><h1>Stand-in for Stripe’s customer portal</h1>${link}`;
}

function linkTo(url: string): string {
  return /^https?:/.test(url) ? url.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`) : '/';
}
