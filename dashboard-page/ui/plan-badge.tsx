/** @jsxImportSource preact */

/** The name of a plan, which the host chose: a long one is cut, and whole where one points at it. */
export function PlanBadge({ plan }: { readonly plan: string }) {
  return (
    <bdi class="badge badge-name" title={plan}>
      {plan}
    </bdi>
  );
}
