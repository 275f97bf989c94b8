export const cri = { name: 'cri', open: async () => undefined };
