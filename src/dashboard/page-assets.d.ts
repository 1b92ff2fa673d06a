/** The page, built from `dashboard-page/` by scripts/build-dashboard.ts before tests and the package build. */
export interface PageAsset {
  /** File name with a hash of its content. */
  readonly name: string;
  readonly content: string;
}

/** Asks for the data of the page while its script is loaded. */
export declare const start: PageAsset;
export declare const script: PageAsset;
export declare const styles: PageAsset;
