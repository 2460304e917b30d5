// Ce que disent les vérifications : ce qui a été trouvé, et pourquoi une vérification n'a pas pu avoir lieu.

import type { Sayings } from '../../said'

export const checks: Sayings = {
  // En général
  'It could not be carried out: {why}.': 'Impossible à exécuter : {why}.',
  'it took longer than {n} s': 'cela a duré plus de {n} s',
  'an audit is not carried out as a check': 'un audit ne s’exécute pas comme une simple vérification',

  // Joignabilité
  '{host} is there, but nothing listens on its UDP port {port}.':
    '{host} est là, mais rien n’écoute sur son port UDP {port}.',
  '{host} is there, but refuses TCP port {port}.': '{host} est là, mais refuse le port TCP {port}.',
  '{host} cannot be reached: {why}.': '{host} est injoignable : {why}.',
  'a router said so': 'un routeur l’a dit',
  '{host} was silent on UDP port {port}, which many services are to what they do not understand.':
    '{host} est resté muet sur le port UDP {port}, comme beaucoup de services devant ce qu’ils ne comprennent pas.',
  '{host} did not answer on TCP port {port}.': '{host} n’a pas répondu sur le port TCP {port}.',
  '{host} did not answer any of {n} echo requests.': {
    one: '{host} n’a pas répondu au ping.',
    other: '{host} n’a répondu à aucun des {n} pings.',
  },
  'this system lets ordinary programs send no echo requests: its administrator can allow it with sysctl net.ipv4.ping_group_range="0 2147483647"':
    'ce système ne laisse pas les programmes ordinaires envoyer de ping : son administrateur peut l’autoriser avec sysctl net.ipv4.ping_group_range="0 2147483647"',
  'no echo request can be sent to {host}: {why}': 'aucun ping ne peut être envoyé à {host} : {why}',

  // Le chemin jusqu'à une machine
  'nobody told the address of {host} in time': 'personne n’a donné l’adresse de {host} à temps',
  'this computer finds no address for {host}': 'cet ordinateur ne trouve pas d’adresse pour {host}',
  'there is no address to connect to': 'il n’y a pas d’adresse à laquelle se connecter',
  'no connection to {host}: {why}': 'pas de connexion à {host} : {why}',
  '{host} did not answer in time': '{host} n’a pas répondu à temps',
  'it refuses': 'elle est refusée',
  'the machine cannot be reached': 'la machine est injoignable',
  'there is no way to its network': 'aucun chemin ne mène à son réseau',
  'it broke the connection off': 'la connexion a été rompue en face',
  'it did not answer in time': 'pas de réponse à temps',
  'this computer does not allow it': 'cet ordinateur ne le permet pas',
  'it ended the connection in the middle': 'la connexion a été coupée au milieu',

  // DNS
  '{name} is no name that DNS could hold': '{name} ne peut pas être un nom de DNS',
  'none of {n} resolvers told anything of {name}': {
    one: 'l’annuaire interrogé n’a rien dit de {name}',
    other: 'aucun des {n} annuaires n’a dit quoi que ce soit de {name}',
  },
  'it could not be asked': 'impossible de l’interroger',
  'there is no such name': 'ce nom n’existe pas',
  'it has no {record} record': 'il n’a pas d’enregistrement {record}',
  'they answer {code}': 'la réponse est {code}',
  '{n} did not answer.': { one: '{n} n’a pas répondu.', other: '{n} n’ont pas répondu.' },
  'One resolver says of {name} ({record}): {answer}.{rest}': 'Un annuaire dit de {name} ({record}) : {answer}.{rest}',
  '{n} resolvers say the same of {name} ({record}): {answer}.{rest}':
    '{n} annuaires disent la même chose de {name} ({record}) : {answer}.{rest}',
  '{n} of {all} resolvers ({who}) do not say of {name} ({record}) what the others do: {answer}.{rest}': {
    one: '{n} annuaire sur {all} ({who}) ne dit pas de {name} ({record}) la même chose que les autres : {answer}.{rest}',
    other:
      '{n} annuaires sur {all} ({who}) ne disent pas de {name} ({record}) la même chose que les autres : {answer}.{rest}',
  },
  'this computer has no name server that it tells of': 'cet ordinateur n’indique aucun serveur de noms',
  'a resolver is `system` or an address': 'un annuaire s’écrit « system », ou par son adresse',
  'it has no server': 'il n’a pas de serveur',
  'this name cannot be asked for': 'ce nom ne peut pas être demandé',
  'it did not answer': 'pas de réponse',
  'its long answer did not come': 'sa réponse longue n’est pas arrivée',
  'its answer cannot be read': 'sa réponse est illisible',
  'its answer is to another question': 'sa réponse est à une autre question',

  // TLS
  'this computer’s list of authorities cannot be read': 'la liste des autorités de cet ordinateur est illisible',
  'it shows no certificate': 'il ne montre aucun certificat',
  'there is no list of authorities to ask': 'il n’y a pas de liste d’autorités à consulter',
  'a certificate has ended': 'un certificat a expiré',
  'a certificate is not valid yet': 'un certificat n’est pas encore valable',
  'no authority that is trusted has signed it': 'aucune autorité de confiance ne l’a signé',
  'a signature is wrong': 'une signature est fausse',
  'a certificate cannot be read': 'un certificat est illisible',
  'it is not meant for servers': 'il n’est pas fait pour des serveurs',
  'it was revoked': 'il a été révoqué',
  'it is signed by nobody but itself': 'il n’est signé que par lui-même',
  'its certificate is for another name': 'son certificat est pour un autre nom',
  'nobody that could be read': 'quelqu’un dont le nom est illisible',
  '{name} is no name that a certificate could be for': 'aucun certificat ne peut être fait pour le nom {name}',
  'no connection: {why}': 'pas de connexion : {why}',
  '{host} port {port}': '{host}, port {port}',
  '{who} did not finish the TLS handshake in time': '{who} n’a pas terminé la négociation TLS à temps',
  'the TLS handshake with {who} failed: {why}': 'la négociation TLS avec {who} a échoué : {why}',
  'it ended {n} days ago': { one: 'il a expiré il y a {n} jour', other: 'il a expiré il y a {n} jours' },
  'it ends soon, in {n} days': { one: 'il expire bientôt, dans {n} jour', other: 'il expire bientôt, dans {n} jours' },
  'it is valid for {n} more days': {
    one: 'il est encore valable {n} jour',
    other: 'il est encore valable {n} jours',
  },
  'nobody knows when it ends': 'on ne sait pas quand il expire',
  '{host} shows a certificate of {issuer}; {ends}.': '{host} montre un certificat de {issuer} ; {ends}.',
  '{host} shows a certificate of {issuer}, which this computer trusts, but the public authorities do not; {ends}.':
    '{host} montre un certificat de {issuer}, à qui cet ordinateur fait confiance, mais pas les autorités publiques ; {ends}.',
  '{host} shows a certificate for another name, of {issuer}; {ends}.':
    '{host} montre un certificat pour un autre nom, de {issuer} ; {ends}.',
  '{host} shows a certificate of {issuer} that is not trusted: {why}; {ends}.':
    '{host} montre un certificat de {issuer} qui n’est pas digne de confiance : {why} ; {ends}.',

  // HTTP
  'nothing was asked of {host}, for it cannot be trusted: {why}':
    'rien n’a été demandé à {host}, qui n’est pas digne de confiance : {why}',
  '{who} does not speak HTTP as it should: {why}': '{who} ne parle pas HTTP comme il faut : {why}',
  'as it should': 'comme il faut',
  'by sending on': 'en renvoyant ailleurs',
  'that the request is wrong or not allowed': 'que la demande est erronée ou interdite',
  'that it has a fault': 'qu’il est en panne',
  'in its own way': 'à sa manière',
  'no body': 'sans contenu',
  'a body of 1 octet': 'avec 1 octet de contenu',
  'a body of {n} octets': 'avec {n} octets de contenu',
  '{host} answered {what} (status {status}), with {size}, in {ms} ms.':
    '{host} a répondu {what} (statut {status}), {size}, en {ms} ms.',
  'this is no address of a page': 'ce n’est pas l’adresse d’une page',
  'an address begins with http:// or https://': 'une adresse commence par http:// ou https://',
  'the address names no host': 'l’adresse ne nomme aucune machine',
  'a name and password do not belong into an address; use a header':
    'un nom et un mot de passe n’ont pas leur place dans une adresse ; mettez-les dans un en-tête',
  '{name} is no name of a header': '{name} n’est pas un nom d’en-tête',
  'the header {name} is the connection’s own': 'l’en-tête {name} est celui de la connexion elle-même',
  'the header {name} has a value that none can have': 'l’en-tête {name} a une valeur qu’aucun en-tête ne peut avoir',
  'this is no method': 'ce n’est pas une méthode',
  'this is no path': 'ce n’est pas un chemin',

  // Chemin des paquets
  'no way can be traced: {why}': 'aucun chemin ne peut être suivi : {why}',
  'there is no way to {host}: {why}': 'aucun chemin ne mène à {host} : {why}',
  'after {n} hops the time was over': {
    one: 'après {n} étape, le temps était écoulé',
    other: 'après {n} étapes, le temps était écoulé',
  },
  '1 hop': '1 étape',
  '{n} hops': '{n} étapes',
  '{host} is {hops} away.': '{host} est à {hops} d’ici.',
  'The way to {host} ends at {who} after {hops}: {why}.':
    'Le chemin vers {host} s’arrête chez {who} après {hops} : {why}.',
  'no way on': 'pas de chemin au-delà',
  '{host} is more than {hops} away.': '{host} est à plus de {hops} d’ici.',
  'The way to {host} can be seen as far as {who}, {hops} away; then nobody answers.':
    'Le chemin vers {host} se voit jusqu’à {who}, à {hops} d’ici ; ensuite, personne ne répond.',
  'Nobody on the way to {host} answers.': 'Personne ne répond sur le chemin vers {host}.',
  'no way to its network': 'aucun chemin vers son réseau',
  'the machine does not answer there': 'la machine n’y répond pas',
  'a rule of the network forbids it': 'une règle du réseau l’interdit',
  'the packet cannot be carried on': 'le paquet ne peut pas être acheminé plus loin',

  // Trafic altéré
  'nothing could be seen: {why}': 'rien n’a pu être vu : {why}',
  'a page was exchanged, as the login page of a hotspot does':
    'une page a été remplacée, comme le fait la page de connexion d’un Wi-Fi public',
  'names lead to other addresses than they should': 'des noms mènent à d’autres adresses que prévu',
  'a name is denied that others know': 'un nom que d’autres connaissent est nié',
  'somebody on the way answers questions that were for others':
    'quelqu’un sur le chemin répond à des questions destinées à d’autres',
  'an encrypted connection ends at somebody else than its server':
    'une connexion chiffrée aboutit chez quelqu’un d’autre que son serveur',
  'Not everything could be seen: {why}.': 'Tout n’a pas pu être vu : {why}.',
  'No sign that anybody tampers with the traffic from here.{rest}':
    'Rien ne montre que quelqu’un altère le trafic d’ici.{rest}',
  'Somebody tampers with the traffic from here: {signs}.{rest}': 'Quelqu’un altère le trafic d’ici : {signs}.{rest}',
  '{host} answered with status {status} instead of 204': '{host} a répondu avec le statut {status} au lieu de 204',
  'the server is no host with a port': 'le serveur ne s’écrit pas comme une machine et son port',
  'this computer has no resolver to ask': 'cet ordinateur n’a pas d’annuaire à interroger',
  'this computer’s resolver told nothing of {name}: {why}':
    'l’annuaire de cet ordinateur n’a rien dit de {name} : {why}',
  'no other resolver told anything of {name}': 'aucun autre annuaire n’a dit quoi que ce soit de {name}',

  // Programmes
  'the owner of this computer has not allowed {program} to be run by probes':
    'le propriétaire de cet ordinateur n’a pas autorisé les sondes à lancer {program}',
  '{program} is no program': '{program} n’est pas un programme',
  '{program} could not be started: {why}': '{program} n’a pas pu être lancé : {why}',
  '{program} ran: {what}.': '{program} a été exécuté : {what}.',
  '{program} ran and ended with code {code}: {what}.':
    '{program} a été exécuté et s’est terminé avec le code {code} : {what}.',
  '{program} did not end as it should.': '{program} ne s’est pas terminé comme il faut.',
  '{program} ran longer than {n} s': '{program} a duré plus de {n} s',
  '{program} wrote more than {n} octets': '{program} a écrit plus de {n} octets',
  '{program} took more than {n} MB of memory': '{program} a pris plus de {n} Mo de mémoire',
  '{program} was ended by signal {code}': '{program} a été arrêté par le signal {code}',
  'what the program wrote could not be looked through': 'ce que le programme a écrit n’a pas pu être parcouru',
  'its output is JSON': 'sa sortie est du JSON',
  'the expression fits {times}': 'l’expression correspond {times}',
  'an expression has 1 to {n} octets': 'une expression a de 1 à {n} octets',
  'the expression cannot be read: {why}': 'l’expression est illisible : {why}',
  'it is wrong': 'elle est fausse',
  '{n} of {all} hosts are up, with {open} open ports': '{n} machines sur {all} sont actives, avec {open} ports ouverts',

  // Audits
  '{servers} servers of {companies} companies were contacted, {n} of them measure or follow: {grade}.': {
    one: '{servers} serveurs de {companies} entreprises ont été contactés, dont {n} mesure ou suit : {grade}.',
    other: '{servers} serveurs de {companies} entreprises ont été contactés, dont {n} mesurent ou suivent : {grade}.',
  },
  'no grade': 'pas de note',
  'grade {code}': 'note {code}',
  'the audit was broken off': 'l’audit a été interrompu',
  'the audit did not end in time': 'l’audit ne s’est pas terminé à temps',
  'the device could not be watched': 'le périphérique n’a pas pu être observé',
  '{name} is switched off': '{name} est éteint',
  'there is no network device {name}': 'il n’y a pas de périphérique réseau {name}',
  'the capture program has no right to capture yet': 'le programme de capture n’a pas encore le droit de capturer',
  'the capture program telltale-capd is not there': 'le programme de capture telltale-capd est introuvable',
  'this program runs where no program may get rights (no_new_privs)':
    'ce programme tourne là où aucun programme ne peut recevoir de droits (no_new_privs)',
  '{name} lies on a disk whose programs get no rights (nosuid)':
    '{name} est sur un disque dont les programmes ne reçoivent aucun droit (nosuid)',
  'no program may capture here, as in a container': 'aucun programme ne peut capturer ici, comme dans un conteneur',
  'only members of group {name} may run the capture program':
    'seuls les membres du groupe {name} peuvent lancer le programme de capture',
  'at most {n} audits can be live at once': 'au plus {n} audits peuvent être en direct à la fois',
  'the file cannot be opened: {why}': 'le fichier ne peut pas être ouvert : {why}',
  'this is no network capture: {why}': 'ce n’est pas une capture réseau : {why}',

  // Ce qui était attendu
  'the whole': 'le tout',
  '{place} is another than before: {value}.': '« {place} » a changé depuis la dernière fois : {value}.',
  'There is no {place} in what was found.': 'Il n’y a pas de « {place} » dans ce qui a été trouvé.',
  'a number below {value}': 'un nombre inférieur à {value}',
  'a number above {value}': 'un nombre supérieur à {value}',
  'something with “{text}” in it': 'quelque chose qui contient « {text} »',
  '{place} should be {wanted}, and is {value}.': '« {place} » devrait être {wanted}, et est {value}.',
}
