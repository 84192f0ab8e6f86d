export type Language = 'en' | 'de';
export type Texts = Record<string, string> & {
  confirm: (name: string) => string;
  failed: (status: number) => string;
};
export const texts: Record<Language, Texts>;
