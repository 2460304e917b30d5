// Ce qui empêche une sonde d'agir, et ce qui ne va pas dans ce qu'on lui demande.

import type { Sayings } from '../../said'

export const probes: Sayings = {
  // Ses comportements
  'This computer knows no time zone “{name}”, so nothing is due.':
    'Cet ordinateur ne connaît pas le fuseau horaire « {name} » : rien n’est donc prévu.',
  'The owner of this computer has not allowed the program {program}.':
    'Le propriétaire de cet ordinateur n’a pas autorisé le programme {program}.',
  'the check crashed, which is an error of this program':
    'la vérification s’est effondrée : c’est une erreur de Telltale',
  'The last result could not be stored and is stored again soon: {why}':
    'Le dernier résultat n’a pas pu être enregistré, un nouvel essai aura lieu bientôt : {why}',
  'It was broken off by hand.': 'Exécution interrompue à la main.',
  'Its state cannot be stored, and is stored again soon: {why}':
    'Son état ne peut pas être enregistré, un nouvel essai aura lieu bientôt : {why}',
  'Nobody has the role now; the request waits until somebody does.':
    'Personne n’a ce rôle maintenant ; la demande attend que quelqu’un l’ait.',
  'Not all who were asked have answered in time.': 'Tous ceux à qui on l’a demandé n’ont pas répondu à temps.',

  'Another Telltale works with this data already: it runs the probes, and nothing runs from here.':
    'Un autre Telltale travaille déjà avec ces données : c’est lui qui exécute les sondes, et rien ne s’exécute d’ici.',
  'this network': 'ce réseau',

  // Ce qu'on lui demande
  'an audit’s length': 'la durée d’un audit',
  'a port is 1 to 65535': 'un port va de 1 à 65535',
  'the number of tries': 'le nombre d’essais',
  'the number of hops': 'le nombre d’étapes',
  '{what} is {least} to {most}': '{what} va de {least} à {most}',
  'a page is asked for with GET or HEAD': 'une page se demande avec GET ou HEAD',
  'a request has at most {n} headers of its own': 'une demande a au plus {n} en-têtes à elle',
  '"{name}" is no name or address of a machine': '« {name} » n’est ni le nom ni l’adresse d’une machine',
  '"{name}" is no name that DNS could hold': '« {name} » ne peut pas être un nom de DNS',
  'the record is one of {list}': 'l’enregistrement est l’un de {list}',
  '1 to {n} resolvers are asked': 'de 1 à {n} annuaires sont interrogés',
  'at least one of portal, name and server is asked': 'il faut au moins un portail, un nom ou un serveur',
  'a portal shows itself over http:// only': 'un portail ne se montre que par http://',
  'at most {n} addresses are expected, each an IP address':
    'au plus {n} adresses peuvent être attendues, chacune une adresse IP',
  'the server is a host, or host:port': 'le serveur s’écrit machine, ou machine:port',
  'a pin is SHA-256 in 64 hexadecimal digits': 'une empreinte est un SHA-256 de 64 chiffres hexadécimaux',
  'a program has a name or a path': 'un programme a un nom ou un chemin',
  'the path of a program begins with /': 'le chemin d’un programme commence par /',
  'a program has at most {n} arguments of {octets} octets, none with a zero in it':
    'un programme a au plus {n} arguments de {octets} octets, sans zéro parmi eux',
  'the target is too long': 'la cible est trop longue',
  'a target does not begin with -, for programs would take it for an option':
    'une cible ne commence pas par -, car les programmes la prendraient pour une option',
  'there can be {n} probes': 'il peut y avoir {n} sondes',
  'probes do not run in this program': 'les sondes ne s’exécutent pas dans ce programme',
  'the id of a probe is a UUID': 'l’identifiant d’une sonde est un UUID',
  'there is no probe {id}': 'il n’y a pas de sonde {id}',
  'this computer knows no time zone “{name}”': 'cet ordinateur ne connaît pas le fuseau horaire « {name} »',
  '“{name}” is no name of a program': '« {name} » n’est pas un nom de programme',
  '{name}: a program is named by its absolute path, and “{path}” is none':
    '{name} : un programme se nomme par son chemin absolu, et « {path} » n’en est pas un',
  '“{name}” is no kind of check': '« {name} » n’est pas une sorte de vérification',
  'A name has 1 to 200 letters.': 'Un nom a de 1 à 200 lettres.',
  'A device is watched for 1 second to 1 day.': 'Un périphérique s’observe de 1 seconde à 1 jour.',
  'A network device has a name.': 'Un périphérique réseau a un nom.',
  'A capture file is named by its absolute path.': 'Un fichier de capture se nomme par son chemin absolu.',
  'A period or a pause takes 1 second to 1 year.': 'Une période ou une pause dure de 1 seconde à 1 an.',
  'Days of the week are numbers from 1 (Monday) to 7 (Sunday), each once.':
    'Les jours de la semaine sont des nombres de 1 (lundi) à 7 (dimanche), chacun une fois.',
  'A calendar has 1 to 48 times of the day.': 'Un calendrier a de 1 à 48 heures dans la journée.',
  '“{text}” is no time of the day; it should be as 07:30.':
    '« {text} » n’est pas une heure ; elle s’écrit comme 07:30.',
  'A time zone has a name.': 'Un fuseau horaire a un nom.',
  'A run takes 1 second to 1 day at most.': 'Une exécution dure de 1 seconde à 1 jour au plus.',
  '1 to 16,777,216 octets of an answer can be read.': 'De 1 à 16 777 216 octets d’une réponse peuvent être lus.',
  'A program may take 1 to 65,536 MB of memory.': 'Un programme peut prendre de 1 à 65 536 Mo de mémoire.',
  'A role is one word of letters, digits, “-”, “_” and “.”.':
    'Un rôle est un seul mot, de lettres, de chiffres, de « - », de « _ » et de « . ».',
  'The place of an expected value is a JSON pointer, as /status.':
    'L’endroit d’une valeur attendue est un pointeur JSON, comme /status.',
  'An expected value has at most 10,000 octets.': 'Une valeur attendue a au plus 10 000 octets.',
  'An expected text has 1 to 10,000 octets.': 'Un texte attendu a de 1 à 10 000 octets.',
  'An expected number is a number.': 'Un nombre attendu est un nombre.',

  // Fichiers de sondes
  'the file is not text in UTF-8, so it holds no probes':
    'le fichier n’est pas du texte en UTF-8 : il ne contient donc pas de sondes',
  'The file is larger than 4 MB.': 'Le fichier dépasse 4 Mo.',
  'This is not JSON: {why}.': 'Ce n’est pas du JSON : {why}.',
  'The file is of the form {name}; this version reads {known}.':
    'Le fichier est de la forme {name} ; cette version lit {known}.',
  '“probes” is not a list.': '« probes » n’est pas une liste.',
  'The file has {n} probes; 1 to {most} are read at a time.':
    'Le fichier a {n} sondes ; on en lit de 1 à {most} à la fois.',
  'Probe {n}: {why}': 'Sonde {n} : {why}',
  'It is not an object.': 'Ce n’est pas un objet.',
  '“{name}” is no word of a probe.': '« {name} » n’est pas un mot d’une sonde.',
  '“{name}” is no word of a probe file.': '« {name} » n’est pas un mot d’un fichier de sondes.',
  '“{name}” should be a text, and is {value}.': '« {name} » devrait être un texte, et est {value}.',
  '“command” names no program.': '« command » ne nomme aucun programme.',
  '“args” should hold texts, and has {value}.': '« args » devrait contenir des textes, et a {value}.',
  '“args” should be a list, and is {value}.': '« args » devrait être une liste, et est {value}.',
  '“period” should be a number of seconds.': '« period » devrait être un nombre de secondes.',
  'The command has an opening {sign} without a closing one.': 'La commande ouvre un {sign} sans le fermer.',
  'The command ends with a backslash.': 'La commande se termine par une barre oblique inverse.',
  'The command needs a shell (“{sign}”), which Telltale never uses. Put it into a program of your own.':
    'La commande a besoin d’un interpréteur (« {sign} »), que Telltale n’utilise jamais. Mettez-la dans un programme à vous.',
}
