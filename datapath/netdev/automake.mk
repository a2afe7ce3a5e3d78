# SPDX-License-Identifier: Apache-2.0
# Sources of the devices.

noinst_LIBRARIES += datapath/netdev/libnetdev.a
datapath_netdev_libnetdev_a_SOURCES =
