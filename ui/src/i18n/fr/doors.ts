// Les portes pour les programmes, et les recettes de l'aide pour un serveur à soi.

import type { doors as source } from '../en/doors'
import type { Same } from '../message'

export const doors: Same<typeof source> = {
  'doors.answer.closed': 'Aucun programme tiers ne peut rien demander ici.',
  'doors.answer.open': 'Les programmes qui ont un jeton peuvent demander et apporter des résultats ici.',
  'doors.text': 'Pour vos autres programmes : une interface HTTP, et des lieux vers lesquels les résultats partent.',
  'http.title': 'Interface HTTP',
  'http.text':
    'Prend des résultats de l’extérieur, dit ce qui est ici, et laisse des programmes suivre. Seul cet ordinateur l’atteint, sauf si vous choisissez une autre adresse.',
  'http.open': 'L’ouvrir',
  'http.close': 'La fermer',
  'http.at': 'Elle répond à',
  'http.copy': 'Copier l’adresse',
  'http.page': 'Dans un navigateur, cette adresse la décrit et permet de l’essayer.',
  'http.counts': '{answered} demandes satisfaites, {refused} refusées.',
  'http.where': 'Où elle répond',
  'http.address': 'Adresse IP',
  'http.port': 'Port',
  'http.port.bad': 'Un port est un nombre de 0 à 65535 ; 0 veut dire n’importe lequel de libre.',
  'http.move': 'La déplacer là',
  'http.loopback': 'Seuls les programmes de cet ordinateur l’atteignent.',
  'http.open_to_all': 'D’autres machines du réseau l’y atteignent, et ce qui est dit n’est pas chiffré.',
  'tokens.title': 'Jetons',
  'tokens.text': 'Un programme montre son jeton à chaque demande. Sans jeton, rien n’est répondu.',
  'tokens.none': 'Il n’y a pas encore de jeton : personne n’entre.',
  'tokens.name': 'Pour quel programme',
  'tokens.add': 'Créer un jeton',
  'tokens.made': 'créé',
  'tokens.used': 'dernier usage',
  'tokens.unused': 'jamais utilisé',
  'tokens.remove': 'Le retirer',
  'tokens.remove.name': 'Retirer le jeton de {name}',
  'tokens.remove.title': 'Retirer le jeton de « {name} » ?',
  'tokens.remove.text':
    'Le programme n’entre plus. Le jeton ne peut pas être rétabli ; vous pouvez en créer un nouveau.',
  'tokens.removed': 'Le jeton de « {name} » est retiré.',
  'tokens.made.title': 'Le nouveau jeton',
  'tokens.made.text': 'Il n’est montré que cette fois. Copiez-le maintenant dans le programme.',
  'tokens.copy': 'Copier le jeton',
  'outputs.title': 'Envoyé ailleurs',
  'outputs.text':
    'Chaque nouvel incident ou résultat part vers ces lieux. Ce qui n’arrive pas est retenté pendant un temps.',
  'outputs.none': 'Rien n’est envoyé nulle part.',
  'outputs.add': 'Ajouter un lieu',
  'outputs.edit': 'Modifier le lieu',
  'outputs.edit.name': 'Modifier {name}',
  'outputs.name': 'Nom',
  'outputs.to': 'Vers où',
  'outputs.to.webhook': 'Une adresse',
  'outputs.to.folder': 'Un dossier',
  'outputs.to.webhook.text': 'Envoyé en JSON. Elle commence par https://, ou est sur cet ordinateur.',
  'outputs.to.folder.text': 'Un fichier JSON pour chacun, dans ce dossier de cet ordinateur.',
  'outputs.url': 'Adresse web',
  'outputs.path': 'Chemin absolu',
  'outputs.what': 'Quoi',
  'outputs.what.incidents': 'Les incidents',
  'outputs.what.results': 'Les résultats',
  'outputs.what.both': 'Les deux',
  'outputs.counts': '{sent} envoyés, {waiting} en attente, {given_up} abandonnés',
  'outputs.on': 'Actif',
  'outputs.off': 'Inactif',
  'outputs.try': 'L’essayer',
  'outputs.try.name': 'Essayer {name}',
  'outputs.tried': 'Un exemple est parti vers « {name} ».',
  'outputs.saved': '« {name} » est gardé.',

  'help.mesh': 'Un serveur pour le maillage',
  'help.mesh.text':
    'Les agents se retrouvent sur un serveur XMPP. Tout serveur convient s’il offre le chiffrement, une connexion par SCRAM, et de préférence PubSub. Deux recettes pour le vôtre, sous Debian ou Ubuntu :',
  'help.mesh.prosody': 'Prosody : petit, suffit pour une maison',
  'help.mesh.ejabberd': 'ejabberd : plus rapide, pour beaucoup d’agents',
  'help.mesh.name': 'Partout, mettez le nom de votre serveur à la place de mesh.example.',
  'help.mesh.install': 'L’installer :',
  'help.mesh.config': 'Mettre ceci dans {file} :',
  'help.mesh.account':
    'Créer un compte pour chaque ordinateur, avant de l’inviter : sur ces serveurs, personne ne peut en créer à distance.',
  'help.mesh.own':
    'Avec un certificat de votre propre autorité, choisissez « Une autorité à moi » en rejoignant, et collez le certificat de l’autorité. Le certificat du serveur doit nommer le serveur (subjectAltName).',
  'help.mesh.group':
    'Le groupe permet à tous les agents de se voir sans demander. Sans lui, la question est posée une fois pour chacun.',
  'help.mesh.archive':
    'Laissez l’archive des messages (MAM) désactivée pour ces comptes : elle ralentit les agents, et garde ce qu’ils disent.',
  'help.mesh.sees':
    'Ce que voit le serveur : qui est là, qui parle à qui et quand, et, pour l’instant, ce qui est dit. Choisissez-en un dont vous croyez l’exploitant.',
  'help.mesh.copy': 'Copier',
}
