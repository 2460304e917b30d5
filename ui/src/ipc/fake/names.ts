// Servers as a real phone meets them, for looking at the window without an engine.

import type { NameSource, Purpose } from '../bindings'

export type Sample = {
  name: string | null
  company: string | null
  service: string | null
  purpose: Purpose
  home: string | null
  network: [number, string, string]
  source: NameSource | null
  what?: [string, string]
}

const GOOGLE: [number, string, string] = [15169, 'Google LLC', 'US']
const META: [number, string, string] = [32934, 'Facebook, Inc.', 'US']
const APPLE: [number, string, string] = [714, 'Apple Inc.', 'US']
const AMAZON: [number, string, string] = [16509, 'Amazon.com, Inc.', 'US']
const AKAMAI: [number, string, string] = [20940, 'Akamai International B.V.', 'NL']
const CLOUDFLARE: [number, string, string] = [13335, 'Cloudflare, Inc.', 'US']
const FASTLY: [number, string, string] = [54113, 'Fastly, Inc.', 'US']
const OVH: [number, string, string] = [16276, 'OVH SAS', 'FR']
const HETZNER: [number, string, string] = [24940, 'Hetzner Online GmbH', 'DE']
const MICROSOFT: [number, string, string] = [8075, 'Microsoft Corporation', 'US']

/** name | company | service | purpose | head office */
const ROWS: readonly [string, string | null, string | null, Purpose, string | null, [number, string, string]][] = [
  ['www.youtube.com', 'Google', 'YouTube', 'service', 'US', GOOGLE],
  ['rr3---sn-25ge7nzr.googlevideo.com', 'Google', 'YouTube video', 'service', 'US', GOOGLE],
  ['i.ytimg.com', 'Google', 'YouTube pictures', 'service', 'US', GOOGLE],
  ['connectivitycheck.gstatic.com', 'Google', 'Network check', 'system', 'US', GOOGLE],
  ['mtalk.google.com', 'Google', 'Push messages', 'system', 'US', GOOGLE],
  ['time.android.com', 'Google', 'Time', 'system', 'US', GOOGLE],
  ['play.googleapis.com', 'Google', 'Play Store', 'system', 'US', GOOGLE],
  ['app-measurement.com', 'Google', 'Firebase Analytics', 'analytics', 'US', GOOGLE],
  ['firebaselogging-pa.googleapis.com', 'Google', 'Firebase logging', 'telemetry', 'US', GOOGLE],
  ['crashlyticsreports-pa.googleapis.com', 'Google', 'Crashlytics', 'crash', 'US', GOOGLE],
  ['googleads.g.doubleclick.net', 'Google', 'Google Ads', 'advertising', 'US', GOOGLE],
  ['pagead2.googlesyndication.com', 'Google', 'AdSense', 'advertising', 'US', GOOGLE],
  ['firebaseinstallations.googleapis.com', 'Google', 'Firebase installations', 'system', 'US', GOOGLE],
  ['fonts.gstatic.com', 'Google', 'Google Fonts', 'delivery', 'US', GOOGLE],
  ['graph.facebook.com', 'Meta', 'Facebook SDK', 'social', 'US', META],
  ['connect.facebook.net', 'Meta', 'Facebook Pixel', 'social', 'US', META],
  ['mmx-ds.cdn.whatsapp.net', 'Meta', 'WhatsApp', 'service', 'US', META],
  ['g.whatsapp.net', 'Meta', 'WhatsApp', 'service', 'US', META],
  ['an.facebook.com', 'Meta', 'Audience Network', 'advertising', 'US', META],
  ['scontent-cdg4-2.cdninstagram.com', 'Meta', 'Instagram pictures', 'service', 'US', META],
  ['app.adjust.com', 'Adjust', 'Adjust', 'attribution', 'DE', [61273, 'adjust GmbH', 'DE']],
  ['t.appsflyer.com', 'AppsFlyer', 'AppsFlyer', 'attribution', 'IL', AMAZON],
  ['inapps.appsflyer.com', 'AppsFlyer', 'AppsFlyer', 'attribution', 'IL', AMAZON],
  ['ms.applovin.com', 'AppLovin', 'AppLovin Max', 'advertising', 'US', GOOGLE],
  ['rt.applovin.com', 'AppLovin', 'AppLovin Max', 'advertising', 'US', GOOGLE],
  ['publisher-config.unityads.unity3d.com', 'Unity', 'Unity Ads', 'advertising', 'US', GOOGLE],
  ['cdp.cloud.unity3d.com', 'Unity', 'Unity Analytics', 'analytics', 'US', GOOGLE],
  ['bidder.criteo.com', 'Criteo', 'Criteo', 'advertising', 'FR', [44788, 'Criteo SA', 'FR']],
  ['sb.scorecardresearch.com', 'Comscore', 'Scorecard Research', 'profiling', 'US', AKAMAI],
  ['api.segment.io', 'Twilio', 'Segment', 'profiling', 'US', AMAZON],
  ['o33249.ingest.sentry.io', 'Sentry', 'Sentry', 'crash', 'US', GOOGLE],
  ['api2.branch.io', 'Branch', 'Branch', 'attribution', 'US', AMAZON],
  ['sdk.iad-05.braze.com', 'Braze', 'Braze', 'engagement', 'US', CLOUDFLARE],
  ['api.onesignal.com', 'OneSignal', 'OneSignal', 'engagement', 'US', CLOUDFLARE],
  ['api.mixpanel.com', 'Mixpanel', 'Mixpanel', 'analytics', 'US', GOOGLE],
  ['logs1406.xiti.com', 'Piano', 'AT Internet', 'analytics', 'FR', [48327, 'AT INTERNET', 'FR']],
  ['sdk.privacy-center.org', 'Didomi', 'Didomi', 'security', 'FR', AMAZON],
  ['www.lemonde.fr', 'Groupe Le Monde', 'Le Monde', 'service', 'FR', FASTLY],
  ['img.lemde.fr', 'Groupe Le Monde', 'Le Monde pictures', 'service', 'FR', FASTLY],
  ['api.sncf-connect.com', 'SNCF', 'SNCF Connect', 'service', 'FR', AKAMAI],
  ['tile.openstreetmap.org', 'OpenStreetMap', 'Map tiles', 'service', 'GB', FASTLY],
  ['gspe1-ssl.ls.apple.com', 'Apple', 'Maps', 'service', 'US', APPLE],
  ['17-courier.push.apple.com', 'Apple', 'Push messages', 'system', 'US', APPLE],
  ['xp.apple.com', 'Apple', 'Device statistics', 'telemetry', 'US', APPLE],
  ['ocsp2.apple.com', 'Apple', 'Certificate check', 'security', 'US', APPLE],
  ['dc.services.visualstudio.com', 'Microsoft', 'Application Insights', 'analytics', 'US', MICROSOFT],
  ['outlook.office365.com', 'Microsoft', 'Outlook', 'service', 'US', MICROSOFT],
  ['dns.google', 'Google', 'Google Public DNS', 'resolver', 'US', GOOGLE],
  ['mask.icloud.com', 'Apple', 'iCloud Private Relay', 'tunnel', 'US', FASTLY],
  ['dit.whatsapp.net', 'Meta', 'WhatsApp', 'service', 'US', META],
  ['analytics.tiktokv.com', 'ByteDance', 'TikTok statistics', 'analytics', 'CN', AKAMAI],
  ['api16-normal-useast5.tiktokv.us', 'ByteDance', 'TikTok', 'service', 'CN', AKAMAI],
  ['p16-sign-va.tiktokcdn.com', 'ByteDance', 'TikTok pictures', 'service', 'CN', AKAMAI],
  ['weather.meteofrance.com', 'Météo-France', 'Weather', 'service', 'FR', OVH],
  ['api.signal.org', 'Signal Foundation', 'Signal', 'service', 'US', CLOUDFLARE],
  ['f-droid.org', 'F-Droid', 'F-Droid', 'service', 'GB', HETZNER],
  ['detectportal.firefox.com', 'Mozilla', 'Network check', 'system', 'US', GOOGLE],
  ['incoming.telemetry.mozilla.org', 'Mozilla', 'Firefox telemetry', 'telemetry', 'US', GOOGLE],
]

const WHAT: Partial<Record<Purpose, [string, string]>> = {
  attribution: [
    'Tells an app’s maker which advertisement led to its installation, and follows what you do in the app afterwards.',
    'Indique à l’éditeur d’une application quelle publicité a conduit à son installation, puis suit ce que vous y faites.',
  ],
  advertising: [
    'Decides which advertisement an app shows you, and counts what becomes of it.',
    'Choisit la publicité qu’une application vous montre, et compte ce qu’elle devient.',
  ],
  analytics: [
    'Counts which screens you open in an app and how long you stay.',
    'Compte les écrans que vous ouvrez dans une application et le temps que vous y passez.',
  ],
}

const named: Sample[] = ROWS.map(([name, company, service, purpose, home, network], i) => ({
  name,
  company,
  service,
  purpose,
  home,
  network,
  source: name === 'detectportal.firefox.com' ? 'http_host' : i % 9 === 4 ? 'dns' : i % 4 === 1 ? 'quic_sni' : 'sni',
  what: WHAT[purpose],
}))

const nameless = (company: string | null, network: [number, string, string]): Sample => ({
  name: null,
  company,
  service: null,
  purpose: 'unknown',
  home: null,
  network,
  source: null,
})

export const SAMPLES: readonly Sample[] = [
  ...named,
  { ...nameless(null, HETZNER), name: 'static.88-198-21-4.clients.your-server.de', source: 'reverse_dns' },
  nameless(null, [4134, 'CHINANET-BACKBONE', 'CN']),
  nameless(null, [45102, 'Alibaba US Technology Co., Ltd.', 'SG']),
  nameless(null, [12876, 'SCALEWAY S.A.S.', 'FR']),
]

/** Names that try to do harm where they are shown. */
export const HOSTILE: readonly string[] = [
  '<img src=x onerror="document.title=1">.example',
  "\"><script>document.title='hacked'</script>",
  'moc.knab-ruoy\u202egro.live',
  'a\u200bd\u200bs.example\u0000.com',
  `${'very-long-label-'.repeat(14)}.example.org`,
  '=HYPERLINK("http://evil","x")',
  'xn--pypal-4ve.com',
  '{count} {n} ${alert(1)}',
  'مثال.إختبار',
]
