// Un serveur en détail.

import type { server as source } from '../en/server'
import type { Same } from '../message'

export const server: Same<typeof source> = {
  'server.answer.known': '{name} appartient à {company}.',
  'server.answer.service': '{name}, c’est {service}, de {company}.',
  'server.answer.network': 'Personne ne nous a dit qui exploite {name}. Son adresse appartient à {company}.',
  'server.answer.unknown': 'Nous ne savons pas qui exploite {name}.',
  'server.traffic': 'Le téléphone lui a envoyé {sent} et en a reçu {received} en {flows}, entre {first} et {last}.',
  'server.back': 'Tous les serveurs',
  'server.owner': 'Qui est derrière',
  'server.owner.company': 'Entreprise',
  'server.owner.parent': 'Propriété de',
  'server.owner.service': 'Service',
  'server.owner.purpose': 'Sert à',
  'server.owner.home': 'Siège',
  'server.owner.domain': 'Domaine enregistrable',
  'server.owner.network': 'Réseau',
  'server.owner.country': 'Réseau enregistré dans',
  'server.owner.tracker': 'Mesure ou suit',
  'server.owner.how': 'D’où le catalogue le sait',
  'server.claims': 'Qui le dit',
  'server.claims.text': '{set}, à cause de {matched}',
  'server.claims.none': 'Aucune liste ne le connaît.',
  'server.set.catalogue': 'Le catalogue de Telltale',
  'server.set.asn': 'Table des réseaux',
  'server.set.country': 'Table des pays d’enregistrement',
  'server.set.third-party-web': 'Third Party Web',
  'server.set.adguard': 'Les listes de filtrage d’AdGuard',
  'server.name': 'D’où vient son nom',
  'server.name.none': 'Aucun nom n’a été vu, seulement l’adresse.',
  'server.name.hello': {
    one: 'Il a été nommé dans {n} ouverture de connexion.',
    other: 'Il a été nommé dans {n} ouvertures de connexion.',
  },
  'server.name.dns': 'Demandé au DNS sous le nom {name}',
  'server.name.dns.via': 'en passant par {aliases}',
  'server.name.http': {
    one: '{n} requête en clair vers {host}, lisible par tous sur le trajet',
    other: '{n} requêtes en clair vers {host}, lisibles par tous sur le trajet',
  },
  'server.name.agent': 'L’application s’est présentée ainsi : {agent}',
  'server.name.ech':
    'Certaines ouvertures cachaient le vrai nom (ECH) : ce que nous avons vu est peut-être un nom de façade.',
  'server.addresses': { one: '{n} adresse', other: '{n} adresses' },
  'server.time': 'Quand ils se sont parlé',
  'server.time.note': 'Réparti uniformément sur chaque flux : déduit.',
  'server.flows': 'Flux',
  'server.flows.all': 'Tous : {flows}',
  'server.local': 'Il se trouve sur votre propre réseau.',
  'server.clear': '{bytes} sont passés en clair : tous sur le trajet pouvaient les lire ou les modifier.',
}
