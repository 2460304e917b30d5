// The settings page.

export const settings = {
  'settings.title': 'Settings',
  'settings.answer': 'How the window speaks and looks, and what it knows.',
  'settings.language': 'Language',
  'settings.system': 'As the system',
  'settings.language.en': 'English',
  'settings.language.fr': 'Français',
  'settings.theme': 'Look',
  'settings.theme.light': 'Light',
  'settings.theme.dark': 'Dark',
  'settings.profile': 'Grades on the start page',
  'settings.profile.text': 'Which score the cards of earlier audits show.',
  'settings.data': 'What Telltale knows from others',
  'settings.data.text':
    'Who owns a name or an address comes from these sets. They ship with the app; nothing is looked up on the internet.',
  'settings.data.name': 'Set',
  'settings.data.date': 'As of',
  'settings.data.version': 'Version',
  'settings.data.licence': 'Licence',
  'settings.data.rows': 'Entries',
  'settings.data.credit': 'Credit',
  'settings.data.none': 'No data sets are installed: names of companies come from the catalogue alone.',
  'settings.about': 'About Telltale',
  'settings.about.text':
    'Telltale is free software under the GNU General Public License, version 3 or later. It works on this computer alone: it sends nothing, and asks nobody.',
}
