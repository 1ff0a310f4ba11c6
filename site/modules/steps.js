/** Where each thing that a join needs is done. */
export const STEPS = {
  email: "daftar/email/",
  phone: "hp/",
  identity: "data/nik/",
  profile: "data/diri/",
  ktp: "foto/ktp/",
  selfie: "foto/selfie/",
  declaration: "pernyataan/",
  test: "tes/",
};
