// L'interface HTTP, ce qui est envoyé plus loin, et ce que le système répond à tous.

import type { Sayings } from '../../said'

export const doors: Sayings = {
  '{place} cannot be listened on: {why}': '{place} ne peut pas être ouvert : {why}',
  'a token’s name has 1 to {n} letters': 'le nom d’un jeton a de 1 à {n} lettres',
  'there are {n} tokens already': 'il y a déjà {n} jetons',
  'there is a token called {name} already': 'il y a déjà un jeton appelé {name}',
  'there is no token called {name}': 'il n’y a pas de jeton appelé {name}',
  'the address is written in numbers, for example 127.0.0.1': 'l’adresse s’écrit en chiffres, par exemple 127.0.0.1',

  'An item of type {kind} came in, {n} octets in the format {format}.': {
    one: 'Un élément de type {kind} est arrivé, {n} octet au format {format}.',
    other: 'Un élément de type {kind} est arrivé, {n} octets au format {format}.',
  },

  'the file could not be written: {why}': 'le fichier n’a pas pu être écrit : {why}',
  'there are {n} outputs already': 'il y a déjà {n} destinations',
  'this output is gone': 'cette destination n’existe plus',
  'an output’s name has 1 to {n} letters': 'le nom d’une destination a de 1 à {n} lettres',
  'a folder is named from the root on': 'un dossier se nomme depuis la racine',
  'the address {why}': 'l’adresse {why}',
  'is not one that can be asked': 'ne peut pas être interrogée',
  'begins with https://': 'doit commencer par https://',
  'has a name or a password in it, which would be shown; put what it needs behind the host':
    'contient un nom ou un mot de passe, qui seraient montrés ; mettez ce qu’il faut après le nom de la machine',
  'begins with https://: http:// goes to this computer only':
    'doit commencer par https:// : http:// ne va qu’à cet ordinateur',
  'names no host': 'ne nomme aucune machine',
  'this computer has no list of authorities, so that no server can be believed':
    'cet ordinateur n’a pas de liste d’autorités : aucun serveur ne peut donc être cru',
  'no safe connection with {host}: {why}': 'pas de connexion sûre avec {host} : {why}',
  '{host} cannot be reached: {why}': '{host} est injoignable : {why}',
  '{host} has no address': '{host} n’a pas d’adresse',
  '{host} broke off: {why}': '{host} a rompu : {why}',
  'it answered with status {status}': 'la réponse a le statut {status}',

  'the audits could not be stored or read: {why}': 'les données n’ont pas pu être enregistrées ou lues : {why}',
  'the store of audits cannot be opened by this version: {why}': 'cette version ne peut pas ouvrir les données : {why}',
  'a stored value cannot be read: {why}': 'une valeur enregistrée est illisible : {why}',
}

/** What the engine puts together of pieces, and what the system and libraries below it say. */
export const joined: Sayings = {
  // Les essais qui ont réussi, parmi tous
  '{host} answered {n} of {all} echo requests, in {ms} ms on average.': {
    one: '{host} a répondu à {n} ping sur {all}, en {ms} ms en moyenne.',
    other: '{host} a répondu à {n} pings sur {all}, en {ms} ms en moyenne.',
  },
  '{host} took {n} of {all} connections on TCP port {port}, in {ms} ms on average.': {
    one: '{host} a accepté {n} connexion sur {all} au port TCP {port}, en {ms} ms en moyenne.',
    other: '{host} a accepté {n} connexions sur {all} au port TCP {port}, en {ms} ms en moyenne.',
  },
  '{host} answered {n} of {all} datagrams on UDP port {port}.': {
    one: '{host} a répondu à {n} datagramme sur {all} au port UDP {port}.',
    other: '{host} a répondu à {n} datagrammes sur {all} au port UDP {port}.',
  },
  // Une vérification HTTP renvoyée ailleurs
  'by sending on to {where}': 'en renvoyant vers {where}',
  '{first} and {n} more': { one: '{first} et {n} autre', other: '{first} et {n} autres' },
  '{one} or {other}': '{one} ou {other}',
  // Un agent qui ne fait pas ce qu'on lui demande
  '{jid} could not do it: {why}': '{jid} n’a pas pu le faire : {why}',
  '{jid} refuses: {why}': '{jid} refuse : {why}',
  '1 line': '1 ligne',
  '{n} lines': '{n} lignes',
  '1 time': '1 fois',
  '{n} times': '{n} fois',
  '1 second': '1 seconde',
  '{n} seconds': '{n} secondes',
  '1 minute': '1 minute',
  '{n} minutes': '{n} minutes',
  '1 hour': '1 heure',
  '{n} hours': '{n} heures',
  '1 day': '1 jour',
  '{n} days': '{n} jours',
  // Un programme et ce qu'on ne peut pas lire de lui
  '{program} wrote no JSON ({why}){rest}': '{program} n’a pas écrit de JSON ({why}){rest}',
  '{program} wrote no XML{rest}': '{program} n’a pas écrit de XML{rest}',
  '{program} wrote no XML that can be read ({why}){rest}': '{program} a écrit un XML illisible ({why}){rest}',
  '{program} wrote XML that is not nmap’s{rest}': '{program} a écrit un XML qui n’est pas celui de nmap{rest}',
  '{program} wrote more than the expression can go through in the time that the probe has{rest}':
    '{program} a écrit plus que ce que l’expression peut parcourir dans le temps de la sonde{rest}',
  'it said: {text}': 'il a dit : {text}',

  'Connection refused (os error 111)': 'la connexion est refusée (111)',
  'Connection reset by peer (os error 104)': 'la connexion a été rompue en face (104)',
  'Broken pipe (os error 32)': 'la connexion a été rompue (32)',
  'Connection timed out (os error 110)': 'pas de réponse à temps (110)',
  'No route to host (os error 113)': 'la machine est injoignable (113)',
  'Network is unreachable (os error 101)': 'le réseau est injoignable (101)',
  'Address already in use (os error 98)': 'un autre programme s’en sert déjà (98)',
  'Cannot assign requested address (os error 99)': 'cet ordinateur n’a pas cette adresse (99)',
  'Permission denied (os error 13)': 'cela n’est pas permis (13)',
  'Operation not permitted (os error 1)': 'cela n’est pas permis (1)',
  'No such file or directory (os error 2)': 'le fichier ou le dossier n’existe pas (2)',
  'Not a directory (os error 20)': 'ce n’est pas un dossier (20)',
  'Is a directory (os error 21)': 'c’est un dossier (21)',
  'No space left on device (os error 28)': 'le disque est plein (28)',
  'Read-only file system (os error 30)': 'le disque ne permet que la lecture (30)',
  'Too many open files (os error 24)': 'trop de fichiers sont ouverts (24)',
  'database or disk is full': 'le disque est plein',
  'disk I/O error': 'le disque ne répond pas comme il faut',
  'database is locked': 'un autre programme s’en sert',
  'error returned from database: {why}': '{why}',
  '(code: {code}) {why}': '{why} (code {code})',
  'failed to lookup address information: {why}': 'l’adresse n’a pas pu être trouvée : {why}',
  'Name or service not known': 'ce nom est inconnu',
  'Temporary failure in name resolution': 'l’annuaire ne répond pas pour l’instant',
  'No address associated with hostname': 'ce nom n’a pas d’adresse',
  'invalid peer certificate: {why}': 'certificat refusé : {why}',
  UnknownIssuer: 'aucune autorité de confiance ne l’a signé',
  NotValidForName: 'il est pour un autre nom',
}
