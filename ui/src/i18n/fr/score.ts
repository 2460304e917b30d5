// La page de la note : notes, raisons, et les nombres de la formule de Pandore.

import type { score as source } from '../en/score'
import type { Same } from '../message'

export const score: Same<typeof source> = {
  'score.answer': 'D’après {profile}, cet enregistrement obtient la note {grade}.',
  'score.answer.points': '{points} points sur 100 ; moins il y en a, plus c’est calme.',
  'score.answer.none': 'Trop peu a été vu pour une note.',
  'score.range': 'Beaucoup n’a pas pu être vu. Si tout cela était mauvais, la note serait {worst}.',
  'score.profile': 'Façon de noter',
  'score.profile.telltale': 'Telltale',
  'score.profile.pandore': 'Pandore',
  'score.reasons': 'Pourquoi',
  'score.reasons.points': '{points} points sur {max} au plus',
  'score.reasons.rows': 'Voir les lignes',
  'score.scale': 'De A à E',
  'score.docs': 'Comment cette note est faite',

  'reason.following_companies': 'Entreprises qui suivent les personnes',
  'reason.following_companies.value': { zero: 'aucune vue', one: '{n} entreprise', other: '{n} entreprises' },
  'reason.following_flows': 'Combien de fois le téléphone les a jointes',
  'reason.following_flows.value': '{share} de tous les flux',
  'reason.following_sent': 'Combien leur a été envoyé',
  'reason.following_sent.value': '{share} de toutes les données sorties du téléphone',
  'reason.profiling_companies': 'Entreprises qui échangent des profils',
  'reason.profiling_companies.value': { zero: 'aucune vue', one: '{n} entreprise', other: '{n} entreprises' },
  'reason.measuring_companies': 'Entreprises qui mesurent l’usage',
  'reason.measuring_companies.value': { zero: 'aucune vue', one: '{n} entreprise', other: '{n} entreprises' },
  'reason.clear_text_servers': 'Serveurs joints en clair',
  'reason.clear_text_servers.value': { zero: 'aucun vu', one: '{n} serveur', other: '{n} serveurs' },
  'reason.unnamed_bytes': 'Données vers des serveurs sans nom',
  'reason.unnamed_bytes.value': '{share} des données',
  'reason.companies': 'Entreprises en tout',
  'reason.companies.value': { one: '{n} entreprise', other: '{n} entreprises' },
  'reason.pandore_pause': 'Rareté des silences du téléphone',
  'reason.pandore_pause.value': 'un silence dure {time} en moyenne',
  'reason.pandore_pause.value.none': 'aucun silence de dix secondes ou plus',
  'reason.pandore_rate': 'Débit des données',
  'reason.pandore_rate.value': '{rate} Mio par seconde',
  'reason.pandore_servers': 'Nombre d’adresses jointes',
  'reason.pandore_servers.value': { one: '{n} adresse', other: '{n} adresses' },

  'score.telltale.text':
    'La note de Telltale compte ce que l’on vous fait, et non combien vous avez utilisé le téléphone. Huit raisons ajoutent des points, chacune jusqu’à sa propre limite, 100 en tout au plus : 70 pour les entreprises qui suivent les personnes, 10 pour celles qui mesurent seulement, 10 pour les serveurs joints en clair, 10 pour ce qui n’a pas de nom et pour le nombre d’entreprises. Moins de 20 points donne A, moins de 40 B, moins de 60 C, moins de 80 D, sinon E.',
  'score.telltale.consequence':
    'La première entreprise pèse le plus, chaque suivante un peu moins : un long enregistrement n’est donc guère pire qu’un court ; comparez tout de même des durées et des usages semblables. Une entreprise qui vous voit sur son propre site compte comme nécessaire, pas comme traceur. Les tests du réseau, les mises à jour signées et les vérifications de certificats passent en clair exprès et ne comptent pas. Quand plus d’un dixième des données était caché ou sans nom, la note est un intervalle : de ce qui a été vu au pire que le reste pourrait signifier.',
  'score.pandore.text':
    'Pandore est l’outil de recherche dont Telltale prend la suite. Sa formule regarde trois choses : combien de temps le téléphone se tait, combien de données passent, et combien d’adresses il joint. Chacune est comparée à une référence par une courbe en S : à la référence, elle compte pour moitié.',
  'score.pandore.consequence':
    'La formule ignore les traceurs, les pays et le chiffrement. Le nombre d’adresses croît avec la durée : les longs enregistrements sont donc moins bien notés. Une seule pente sert trois unités : près de la référence, le nombre d’adresses agit presque comme un interrupteur. Sans aucun silence de dix secondes, la première partie bondit.',
  'score.pandore.settings': 'Poids et références',
  'score.pandore.settings.text': 'Changez-les et voyez la note suivre. Ils sont gardés.',
  'score.pandore.reference_pause_s': 'Silence de référence, en secondes',
  'score.pandore.reference_rate_mib_s': 'Débit de référence, en Mio par seconde',
  'score.pandore.reference_servers': 'Nombre d’adresses de référence',
  'score.pandore.weight_pause': 'Poids des silences',
  'score.pandore.weight_rate': 'Poids du débit',
  'score.pandore.weight_servers': 'Poids des adresses',
  'score.pandore.slope': 'Pente de la courbe',
  'score.pandore.mean': 'Moyenne des parties',
  'score.pandore.arithmetic': 'Arithmétique',
  'score.pandore.harmonic': 'Harmonique',
  'score.pandore.invalid':
    'Les références et la pente doivent dépasser 0, les poids valoir 0 ou plus, et l’un d’eux dépasser 0.',
}
