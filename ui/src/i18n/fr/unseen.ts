// Ce qui n'a pas pu être vu.

import type { unseen as source } from '../en/unseen'
import type { Same } from '../message'

export const unseen: Same<typeof source> = {
  'unseen.answer': 'Nous avons pu nommer {share} des données. Voici ce qui est resté caché, et pourquoi.',
  'unseen.answer.all':
    'Nous avons pu nommer toutes les données. Certaines choses restent pourtant cachées à tout observateur.',
  'unseen.answer.nothing': 'Il n’y avait aucune donnée entre un téléphone et un serveur à nommer.',
  'unseen.meter': 'Ce qui a pu être nommé',
  'unseen.meter.observed': 'Nommé par le trafic lui-même',
  'unseen.meter.inferred': 'Nommé par une réponse DNS antérieure',
  'unseen.meter.address': 'Seul le propriétaire du réseau est connu',
  'unseen.meter.tunnel': 'Dans un VPN, un mandataire ou un relais',
  'unseen.meter.nothing': 'Rien de connu',
  'unseen.hidden': 'Ce qui est caché exprès',
  'unseen.hidden.text': 'Cela protège la personne qui a le téléphone, et nous cache aussi des noms.',
  'unseen.lost': 'Ce que l’enregistrement a manqué',
  'unseen.lost.text': 'Caché par personne : l’enregistrement ne le contient pas.',
  'unseen.limits': 'Ce que Telltale a laissé de côté',
  'unseen.limits.text': 'Des limites empêchent un fichier hostile de remplir la mémoire.',
  'unseen.zero': { one: '{n} chose qui n’est pas arrivée', other: '{n} choses qui ne sont pas arrivées' },
  'unseen.always': 'Ce qu’aucun enregistrement ne montre',
  'unseen.always.text':
    'Les données mobiles et les autres réseaux du téléphone, ce que les applications disent dans les connexions chiffrées, et ce que les entreprises se transmettent ensuite. Un enregistrement calme ne prouve pas un téléphone calme.',

  'unseen.encrypted_dns_flows': 'DNS chiffré',
  'unseen.encrypted_dns_flows.why':
    'Flux vers un résolveur sous chiffrement. Les noms que le téléphone y a demandés ne sont pas visibles.',
  'unseen.ech_hellos': 'Noms de serveurs cachés (ECH)',
  'unseen.ech_hellos.why': 'Ouvertures de connexion qui chiffrent le nom du serveur. Seul un nom de façade a été vu.',
  'unseen.tunnel_bytes': 'Données dans des tunnels',
  'unseen.tunnel_bytes.why':
    'Un VPN, un mandataire ou un relais cache à qui le téléphone parlait. Pour en voir plus, désactivez-le pendant l’enregistrement.',
  'unseen.encrypted_radio_packets': 'Paquets radio chiffrés',
  'unseen.encrypted_radio_packets.why':
    'L’enregistrement vient des ondes d’un Wi-Fi protégé. Rien de ces paquets n’est lisible : enregistrez plutôt sur le point d’accès.',
  'unseen.started_before': 'Commencés avant l’enregistrement',
  'unseen.started_before.why': 'Flux dont le début manque, et avec lui le nom du serveur.',
  'unseen.dropped_by_kernel': 'Perdus à l’enregistrement',
  'unseen.dropped_by_kernel.why': 'L’ordinateur était trop lent pour ces paquets. Le fichier le dit.',
  'unseen.dropped_by_interface': 'Perdus par la carte réseau',
  'unseen.dropped_by_interface.why': 'La carte réseau a perdu ces paquets. Le fichier le dit.',
  'unseen.cut_packets': 'Paquets coupés',
  'unseen.cut_packets.why': 'L’enregistrement n’a gardé que le début de ces paquets.',
  'unseen.undecoded_packets': 'Paquets non compris',
  'unseen.undecoded_packets.why': 'Mal formés, coupés, ou d’un genre que Telltale ne sait pas lire.',
  'unseen.non_ip_packets': 'Hors internet',
  'unseen.non_ip_packets.why': 'Entretien du réseau local. Cela n’en sort pas.',
  'unseen.other_ip_packets': 'Ni TCP ni UDP',
  'unseen.other_ip_packets.why': 'Des signaux du réseau lui-même, comme ping. Ils ne transportent presque rien.',
  'unseen.later_fragments': 'Fragments suivants',
  'unseen.later_fragments.why': 'Morceaux de paquets qui ne disent pas à quel flux ils appartiennent.',
  'unseen.time_went_back': 'Horloge revenue en arrière',
  'unseen.time_went_back.why': 'Paquets plus anciens que le précédent. Les heures sont ici moins sûres.',
  'unseen.evicted_flows': 'Flux réunis',
  'unseen.evicted_flows.why': 'Il y avait plus de flux que Telltale n’en distingue.',
  'unseen.abandoned_streams': 'Lectures abandonnées',
  'unseen.abandoned_streams.why': 'Débuts de flux trop longs ou trop abîmés pour être reconstitués.',
  'unseen.dropped_names': 'Réponses DNS laissées de côté',
  'unseen.dropped_names.why': 'Il y avait plus de réponses que Telltale n’en retient.',
}
