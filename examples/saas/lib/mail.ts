/** Put your mail service here; until then, mail goes to the console. */
export function sendMail(to: string, subject: string, text: string): void {
  console.log(`mail to ${to}: ${subject}\n${text}`);
}
