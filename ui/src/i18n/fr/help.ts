// L'aide : comment lire une page, les mots, les notes.

import type { help as source } from '../en/help'
import type { Same } from '../message'

export const help: Same<typeof source> = {
  'help.title': 'Aide',
  'help.answer': 'Ce que Telltale vous dit, avec quelle certitude, et ce que veulent dire ses mots.',
  'help.sure': 'Quelle certitude ?',
  'help.sure.text': 'Chaque affirmation porte l’une de trois marques.',
  'help.purposes': 'À quoi servent les serveurs',
  'help.purposes.text':
    'Un serveur compte comme traceur quand il mesure ou suit. Une même entreprise peut avoir des deux sortes : ce qui compte est le rôle du serveur, et non son propriétaire.',
  'help.scores': 'Comment les notes sont faites',
  'help.words': 'Les mots',
  'help.keys': 'Les touches',
  'help.keys.back': 'Page précédente et suivante',
  'help.keys.table': 'Se déplacer dans un tableau',
  'help.keys.open': 'Ouvrir la ligne',
  'help.keys.copy': 'Copier la cellule',
  'help.keys.close': 'Fermer ce qui est au-dessus',
  'help.keys.back.key': 'Alt + ← →',
  'help.keys.table.key': '↑ ↓ ← →, Page préc. et suiv., Début, Fin',
  'help.keys.open.key': 'Entrée',
  'help.keys.copy.key': 'Ctrl + C',
  'help.keys.close.key': 'Échap',

  'term.capture': 'Capture',
  'term.capture.why': 'L’enregistrement des paquets passés sur un réseau, dans un fichier.',
  'term.server': 'Serveur',
  'term.server.why':
    'Un ordinateur d’internet auquel parle un téléphone. Ici une ligne par nom, ou par adresse sans nom.',
  'term.company': 'Entreprise',
  'term.company.why': 'Qui est derrière le nom ou l’adresse d’un serveur, pour autant qu’on le sache.',
  'term.flow': 'Flux',
  'term.flow.why': 'Une conversation entre deux programmes : deux adresses, deux ports, un début et une fin.',
  'term.packet': 'Paquet',
  'term.packet.why':
    'Le petit morceau dans lequel un réseau transporte les données, avec les adresses d’envoi et de réception.',
  'term.tracker': 'Traceur',
  'term.tracker.why':
    'Un serveur là pour mesurer ce que font les personnes, ou pour les suivre d’une application à l’autre.',
  'term.dns': 'DNS',
  'term.dns.why': 'L’annuaire d’internet : donne l’adresse d’un nom.',
  'term.encrypted_dns': 'DNS chiffré',
  'term.encrypted_dns.why': 'Interroger l’annuaire sans que personne sur le trajet puisse lire le nom demandé.',
  'term.sni': 'Nom du serveur (SNI)',
  'term.sni.why': 'Le nom que le téléphone donne en clair en ouvrant une connexion chiffrée.',
  'term.ech': 'ECH',
  'term.ech.why': 'Cache le nom du serveur à l’ouverture d’une connexion chiffrée.',
  'term.tls': 'TLS',
  'term.tls.why': 'Le chiffrement de la plupart des connexions. Il cache ce qui est dit, pas à qui l’on parle.',
  'term.quic': 'QUIC',
  'term.quic.why': 'Une façon plus récente de transporter des connexions chiffrées, chez les grands services.',
  'term.ja4': 'JA4',
  'term.ja4.why':
    'Une courte empreinte de la façon dont un programme ouvre une connexion chiffrée. Le même programme donne la même.',
  'term.as': 'Réseau (AS)',
  'term.as.why': 'Une partie d’internet qui a un seul propriétaire, avec un numéro.',
  'term.registered': 'Enregistré dans',
  'term.registered.why':
    'Le pays où le propriétaire d’un réseau l’a fait enregistrer. Pas celui où se trouve la machine.',
  'term.tunnel': 'Tunnel',
  'term.tunnel.why': 'Un VPN, un mandataire ou un relais : une connexion visible qui en porte beaucoup de cachées.',
  'term.domain': 'Domaine enregistrable',
  'term.domain.why': 'La partie d’un nom que quelqu’un a enregistrée : example.org dans www.example.org.',
  'term.in_clear': 'En clair',
  'term.in_clear.why': 'Sans chiffrement : tous sur le trajet peuvent lire.',
}
