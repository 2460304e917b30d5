// Ce qui s'est mal passé, ce que cela signifie, que faire.

import type { errors as source } from '../en/errors'
import type { Same } from '../message'

export const errors: Same<typeof source> = {
  'error.not_a_capture': 'Ce fichier n’est pas une capture que Telltale sait lire',
  'error.not_a_capture.next':
    'Choisissez le fichier enregistré par le programme de capture : son nom finit le plus souvent par .pcap ou .pcapng.',
  'error.file': 'Le fichier n’a pas pu être lu ou écrit',
  'error.file.next': 'Vérifiez qu’il est toujours là, que vous y avez droit, et que le disque n’est pas plein.',
  'error.capture_gone': 'La capture n’est plus à sa place',
  'error.capture_gone.next':
    'Pour la relire, Telltale a besoin du fichier inchangé ici : {detail}. Ce qui a été lu auparavant est toujours là.',
  'error.no_such_audit': 'Cet audit n’existe plus',
  'error.no_such_audit.next': 'Il a été supprimé, ou n’a jamais existé. Vos autres audits sont sur la page d’accueil.',
  'error.busy': 'Cet audit est encore en cours de lecture',
  'error.busy.next': 'Réessayez une fois la lecture finie, ou arrêtez-la.',
  'error.invalid_input': 'Cette valeur ne convient pas ici',
  'error.invalid_input.next': 'Vérifiez ce que vous avez saisi.',
  'error.store': 'Telltale n’a pas pu accéder à ses propres données',
  'error.store.next': 'Relancez Telltale. Si cela ne suffit pas, vérifiez que le disque n’est pas plein.',
  'error.no_rights': 'Telltale n’a pas encore le droit de regarder les paquets',
  'error.no_rights.next':
    'Donnez-lui ce droit une fois, sur la page « Observer mon téléphone ». Rien d’autre dans Telltale n’en a besoin.',
  'error.device': 'Ce périphérique réseau ne peut pas être observé pour l’instant',
  'error.device.next': 'Vérifiez qu’il est toujours branché et allumé, ou choisissez-en un autre.',
  'error.filter': 'Ce filtre ne fonctionne pas',
  'error.filter.next': 'Corrigez-le, ou choisissez plutôt tous les appareils.',
  'error.not_live': 'Cet audit n’est pas en direct',
  'error.not_live.next': 'Il est déjà terminé. Ce qui a été vu est sur ses pages.',
  'error.no_recording': 'Les paquets de cet audit n’ont pas été gardés',
  'error.no_recording.next':
    'Il ne peut donc ni reprendre, ni être relu. Commencez-en un nouveau, et gardez les paquets si vous le souhaitez.',
  'error.hotspot': 'Le point d’accès n’a pas pu être créé',
  'error.hotspot.next': 'Réessayez une fois, ou choisissez une autre façon de connecter le téléphone.',
  'error.door': 'La capture faite par le téléphone ne peut pas être reçue',
  'error.door.next': 'Vérifiez l’adresse et le port, et que le téléphone et cet ordinateur sont sur le même réseau.',
  'error.app_report': 'Ce fichier n’est pas un rapport de confidentialité que Telltale sait lire',
  'error.app_report.next':
    'Sur l’iPhone : Réglages, Confidentialité et sécurité, Rapport de confidentialité des apps, Partager. Choisissez ensuite ce fichier, sans le modifier.',
  'error.gone': 'Cet élément n’existe plus',
  'error.gone.next': 'Il a été supprimé, ici ou ailleurs.',
  'error.mesh': 'Le maillage ne peut pas faire cela maintenant',
  'error.mesh.next': 'Regardez la page Maillage : elle dit si cet ordinateur est connecté, et ce qui l’en empêche.',
  'error.password': 'Le mot de passe n’a pas pu être gardé',
  'error.password.next': 'Déverrouillez le trousseau de votre système et réessayez.',
  'error.http': 'L’interface HTTP n’a pas pu être ouverte',
  'error.http.next': 'Choisissez une autre adresse ou un autre port.',
  'error.output': 'Rien n’a pu y être envoyé',
  'error.output.next': 'Vérifiez l’adresse ou le dossier, puis réessayez.',
  'error.to_start': 'Aller à l’accueil',

  'looks.empty': 'Le fichier est vide.',
  'looks.zip': 'On dirait une archive ZIP : décompressez-la et ouvrez la capture qu’elle contient.',
  'looks.pdf': 'On dirait un document PDF.',
  'looks.picture': 'On dirait une image.',
  'looks.media': 'On dirait du son ou de la vidéo.',
  'looks.other_archive': 'On dirait une archive : décompressez-la et ouvrez la capture qu’elle contient.',
  'looks.markup': 'On dirait une page web.',
  'looks.json': 'On dirait du JSON, un texte pour programmes.',
  'looks.connections_csv':
    'On dirait la liste de connexions de PCAPdroid : demandez-lui plutôt d’enregistrer un fichier PCAP.',
  'looks.text': 'On dirait du texte.',
  'looks.program': 'On dirait un programme.',
  'looks.database': 'On dirait une base de données.',
  'looks.other_capture': 'C’est une capture d’un autre format : enregistrez-la en pcapng avec Wireshark.',
  'looks.packed_other': 'Il est comprimé, et ce qu’il contient n’est pas une capture.',
  'looks.broken_header': 'Il commence comme une capture, mais son début est abîmé.',
}
