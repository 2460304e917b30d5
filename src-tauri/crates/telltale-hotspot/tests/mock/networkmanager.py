"""NetworkManager as far as a hotspot needs it: python-dbusmock's template, and what it lacks.

Loaded by tests/hotspot.rs. Adds AddAndActivateConnection2 (which the template does not have) with the state signals of the real one,
and the outcomes that a test chooses.
"""

import json
import os

import dbus
import dbusmock
from gi.repository import GLib
from dbusmock import MOCK_IFACE
from dbusmock.templates.networkmanager import *  # noqa: F403  the template's own methods become ours
from dbusmock.templates import networkmanager as base
from dbusmock.templates.networkmanager import (
    ACTIVE_CONNECTION_IFACE, BUS_NAME, DEVICE_IFACE, IS_OBJECT_MANAGER, MAIN_OBJ, MANAGER_IFACE, MANAGER_OBJ, SYSTEM_BUS,
    WIRELESS_DEVICE_IFACE,
)

OURS = MANAGER_OBJ + '/ActiveConnection/hotspot'
STATE = {'outcome': 'up', 'request': {}, 'deactivated': 0}


def load(mock, parameters):
    base.load(mock, parameters)
    manager = dbusmock.get_object(MANAGER_OBJ)
    manager.AddProperties(MANAGER_IFACE, {'PrimaryConnection': dbus.ObjectPath('/')})
    manager.AddMethod(MANAGER_IFACE, 'GetPermissions', '', 'a{ss}', 'ret = %r' % parameters.get('permissions', {'x': 'yes'}))
    if parameters.get('too-old'):
        return
    manager.add_and_activate = add_and_activate
    manager.deactivate_ours = deactivate_ours
    manager.AddMethod(MANAGER_IFACE, 'DeactivateConnection', 'o', '', 'self.deactivate_ours(self, args[0])')
    manager.AddMethod(MANAGER_IFACE, 'AddAndActivateConnection2', 'a{sa{sv}}ooa{sv}', 'ooa{sv}',
                      'ret = self.add_and_activate(self, args[0], args[1], args[3])')


def plain(value):
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, dbus.Array) and value.signature == 'y':
        return bytes(value).decode('utf-8')
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, int):
        return int(value)
    return str(value)


def active_state(state, reason):
    active = dbusmock.get_object(OURS)
    active.Set(ACTIVE_CONNECTION_IFACE, 'State', dbus.UInt32(state))
    active.EmitSignal(ACTIVE_CONNECTION_IFACE, 'StateChanged', 'uu', [dbus.UInt32(state), dbus.UInt32(reason)])


def device_state(path, state, reason):
    device = dbusmock.get_object(path)
    old = device.Get(DEVICE_IFACE, 'State')
    device.Set(DEVICE_IFACE, 'State', dbus.UInt32(state))
    device.Set(DEVICE_IFACE, 'StateReason', (dbus.UInt32(state), dbus.UInt32(reason)))
    device.EmitSignal(DEVICE_IFACE, 'StateChanged', 'uuu', [dbus.UInt32(state), old, dbus.UInt32(reason)])


def come_up(device):
    for state in (50, 70, 80, 90, 100):
        device_state(device, state, 0)
    dbusmock.get_object(device).Set(WIRELESS_DEVICE_IFACE, 'Mode', dbus.UInt32(3))
    active_state(2, 1)


def go_down(device, device_reason, active_reason):
    device_state(device, 110, device_reason)
    active_state(3, active_reason)
    active_state(4, active_reason)
    device_state(device, 30, device_reason)


def fail(device, reason, reason_first):
    # The real one may say either first.
    if reason_first:
        device_state(device, 120, reason)
    active_state(4, 3)
    if not reason_first:
        device_state(device, 120, reason)
    device_state(device, 30, 0)


def add_and_activate(self, settings, device, options):
    outcome, _, argument = STATE['outcome'].partition(':')
    STATE['request'] = {'settings': plain(settings), 'options': plain(options)}
    if outcome == 'denied':
        raise dbus.exceptions.DBusException('Not authorized to share connections via wifi.',
                                            name=MANAGER_IFACE + '.PermissionDenied')
    if outcome == 'invalid':
        raise dbus.exceptions.DBusException('connection.id: property is missing',
                                            name=MANAGER_IFACE + '.Settings.Connection.MissingProperty')
    self.AddObject(OURS, ACTIVE_CONNECTION_IFACE, {
        'State': dbus.UInt32(1), 'Id': 'Hotspot', 'Type': '802-11-wireless',
        'Devices': dbus.Array([dbus.ObjectPath(device)], signature='o')}, [])
    STATE['device'] = device
    # What the device did before, about the network it leaves.
    device_state(device, 110, 60)
    device_state(device, 30, 60)
    device_state(device, 40, 0)
    active_state(1, 1)
    if outcome == 'up':
        GLib.timeout_add(30, lambda: come_up(device))
    elif outcome == 'at-once':
        come_up(device)
    elif outcome == 'fail':
        GLib.timeout_add(30, lambda: fail(device, int(argument), True))
    elif outcome == 'fail-late-reason':
        GLib.timeout_add(30, lambda: fail(device, int(argument), False))
    elif outcome == 'fail-at-once':
        fail(device, int(argument), True)
    elif outcome == 'die':
        GLib.timeout_add(30, lambda: os._exit(0))
    elif outcome == 'strange':
        return [dbus.ObjectPath('/'), dbus.ObjectPath('/nowhere'), dbus.Dictionary({}, signature='sv')]
    return [dbus.ObjectPath(MANAGER_OBJ + '/Settings/9'), dbus.ObjectPath(OURS), dbus.Dictionary({}, signature='sv')]


def deactivate_ours(self, path):
    if path != OURS:
        raise dbus.exceptions.DBusException('The connection was not active.', name=MANAGER_IFACE + '.ConnectionNotActive')
    STATE['deactivated'] += 1
    GLib.timeout_add(20, lambda: go_down(STATE['device'], 39, 2))


@dbus.service.method(MOCK_IFACE, in_signature='s', out_signature='')
def SetOutcome(_self, outcome):
    '''up, at-once, fail:N, fail-late-reason:N, fail-at-once:N, silent, die, denied, invalid or strange.'''
    STATE['outcome'] = outcome


@dbus.service.method(MOCK_IFACE, in_signature='', out_signature='s')
def LastRequest(_self):
    '''What was asked for last, as JSON.'''
    return json.dumps(STATE['request'], sort_keys=True)


@dbus.service.method(MOCK_IFACE, in_signature='', out_signature='u')
def Deactivated(_self):
    '''How often a connection was ended by a call.'''
    return STATE['deactivated']


@dbus.service.method(MOCK_IFACE, in_signature='uuu', out_signature='')
def End(_self, device_state_now, device_reason, active_reason):
    '''Ends what runs, for a reason.'''
    device_state(STATE['device'], device_state_now, device_reason)
    active_state(4, active_reason)


@dbus.service.method(MOCK_IFACE, in_signature='ssv', out_signature='')
def SetOf(_self, path, name_of_interface_and_property, value):
    '''Sets a property as the test wants it, of any type.'''
    interface, name = name_of_interface_and_property.rsplit(' ', 1)
    obj = dbusmock.get_object(path)
    if name not in obj.props[interface]:
        obj.AddProperties(interface, {name: value})
    obj.props[interface][name] = value
