export default function Page() {
  return (
    <main>
      <h1>metask-gateway on Next.js</h1>
      <p>
        POST to <code>/api/keys</code> for a key, then point any OpenAI client at <code>/v1</code>.
      </p>
    </main>
  );
}
