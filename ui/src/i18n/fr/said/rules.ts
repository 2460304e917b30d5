// Ce que les règles concluent, et ce qui ne va pas dans une règle.

import type { Sayings } from '../../said'

export const rules: Sayings = {
  // Les incidents
  'It is no longer so.': 'Ce n’est plus le cas.',
  'It has not been so for {time}.': 'Ce n’est plus le cas depuis {time}.',
  'A person closed it.': 'Une personne l’a fermé.',
  'The rule was changed.': 'La règle a été modifiée.',
  'The rule was switched off.': 'La règle a été désactivée.',
  'The rule was removed.': 'La règle a été supprimée.',
  '{n} of {all} agents that reported about {about} within {time} agree: {verdicts}.': {
    one: '{n} agent sur {all} qui ont parlé de {about} en {time} le dit : {verdicts}.',
    other: '{n} agents sur {all} qui ont parlé de {about} en {time} sont d’accord : {verdicts}.',
  },
  'No result about {about} came for {time}.': 'Aucun résultat sur {about} n’est arrivé depuis {time}.',
  '{n} results about {about} came within {time}, {side} the limit of {limit}.': {
    one: '{n} résultat sur {about} est arrivé en {time}, {side} la limite de {limit}.',
    other: '{n} résultats sur {about} sont arrivés en {time}, {side} la limite de {limit}.',
  },
  'The {measure} of {field} over {time} is {amount}, {side} the limit of {limit}: {about}.':
    '{measure} de « {field} » sur {time} : {amount}, {side} la limite de {limit} ({about}).',
  above: 'au-dessus de',
  below: 'au-dessous de',
  number: 'Le nombre',
  sum: 'La somme',
  mean: 'La moyenne',
  smallest: 'Le minimum',
  largest: 'Le maximum',
  '{n} results about {about} followed one another as the rule says, within {time}.':
    '{n} résultats sur {about} se sont suivis comme le dit la règle, en {time}.',
  'Something changed about {about}: {what}.': 'Quelque chose a changé pour {about} : {what}.',
  'The rule holds for {about}.': 'La règle s’applique à {about}.',
  'agent {name}': 'l’agent {name}',
  'no probe': 'aucune sonde',
  'probe “{name}”': 'la sonde « {name} »',
  'all that the rule looks at': 'tout ce que la règle regarde',
  'as expected': 'comme prévu',
  'not as expected': 'pas comme prévu',
  'could not be checked': 'n’a pas pu être vérifié',
  'took too long': 'trop long',
  'broken off': 'interrompu',
  '{field} was {before} and is {now}': '« {field} » était {before} et est {now}',
  '{field} changed': '« {field} » a changé',
  '{field} and {n} more changed': {
    one: '« {field} » et {n} autre ont changé',
    other: '« {field} » et {n} autres ont changé',
  },
  'a list of {n}': 'une liste de {n}',
  'a record of {n}': 'une fiche de {n}',

  // Les règles
  'there is no rule {id}': 'il n’y a pas de règle {id}',
  'there is no incident {id}': 'il n’y a pas d’incident {id}',
  'a rule’s id is a UUID': 'l’identifiant d’une règle est un UUID',
  'there are {n} rules already': 'il y a déjà {n} règles',
  'a rule’s name has 1 to {n} letters': 'le nom d’une règle a de 1 à {n} lettres',
  'a rule waits at most {n} seconds before it closes an incident':
    'une règle attend au plus {n} secondes avant de fermer un incident',
  'a rule names each thing that tells incidents apart once':
    'une règle nomme une seule fois chaque chose qui distingue les incidents',
  'the agents that must agree are 1 to {n}': 'les agents qui doivent être d’accord sont de 1 à {n}',
  'the agents that must have reported are at least as many as those that must agree':
    'il faut au moins autant d’agents qui ont répondu que d’agents d’accord',
  'a rule says on what the agents must agree': 'une règle dit sur quoi les agents doivent être d’accord',
  'the limit is a number': 'la limite est un nombre',
  'results are counted without a field': 'on compte des résultats sans champ',
  'a sequence has 2 to {n} steps': 'une suite a de 2 à {n} étapes',
  'a rule’s time has 1 to {n} seconds': 'la durée d’une règle est de 1 à {n} secondes',
  'a field is named as a JSON pointer: /, then a name, at most {n} letters':
    'un champ se nomme par un pointeur JSON : /, puis un nom, au plus {n} lettres',
  'what results are chosen by has 1 to {n} letters': 'ce qui choisit les résultats a de 1 à {n} lettres',
  'a rule is an object': 'une règle est un objet',
  '“{name}” is no word of a rule': '« {name} » n’est pas un mot d’une règle',
}
