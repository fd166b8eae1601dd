// Where this device is, and which customers are near. The place leaves the device only with a check-in.
export const canLocate = () => "geolocation" in navigator;

export function locate() {
  return new Promise((resolve, reject) => {
    const options = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 };
    navigator.geolocation.getCurrentPosition((found) => resolve(found.coords), reject, options);
  });
}

// Whether the device tells its place without asking first.
export async function mayLocate() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
}

// Good enough to sort by (a flat earth around here, kilometres); what is kept with a visit the server works out.
function roughly([latitude, longitude], here) {
  const east = (longitude - here.longitude) * Math.cos((here.latitude * Math.PI) / 180);
  return 111.2 * Math.hypot(latitude - here.latitude, east);
}

export function nearest(accounts, here, { most = 5, within = 50 } = {}) {
  return accounts
    .filter((account) => account.place)
    .map((account) => ({ account, km: roughly(account.place, here) }))
    .filter(({ km }) => km <= within)
    .sort((a, b) => a.km - b.km)
    .slice(0, most);
}
