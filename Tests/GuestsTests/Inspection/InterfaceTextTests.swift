import ConnectorProtocol
import Testing

@testable import Guests

@Suite("Network configuration of guests")
struct InterfaceTextTests {
  typealias Interface = GuestFacts.Interface

  struct Case: Sendable, CustomTestStringConvertible {
    var path: String
    var text: String
    var found: [Interface]
    var testDescription: String { path }
  }

  static let cases = [
    Case(
      path: "/etc/network/interfaces",
      text: """
        # the loopback
        auto lo
        iface lo inet loopback
        allow-hotplug ens192
        iface ens192 inet static
            address 192.0.2.10
            netmask 255.255.255.0
            gateway 192.0.2.1
            dns-nameservers 192.0.2.53 192.0.2.54
        iface ens192 inet6 static
            address 2001:db8::10/64
        iface ens224 inet dhcp
        """,
      found: [
        Interface(
          name: "ens192", method: "static", addresses: ["192.0.2.10/24", "2001:db8::10/64"], gateway: "192.0.2.1",
          nameServers: ["192.0.2.53", "192.0.2.54"], source: "ifupdown"),
        Interface(name: "ens224", method: "dhcp", source: "ifupdown"),
      ]),
    Case(
      path: "/etc/sysconfig/network-scripts/ifcfg-eth0",
      text: """
        TYPE=Ethernet
        DEVICE="eth0"
        BOOTPROTO=none
        HWADDR=00:50:56:AA:BB:CC
        IPADDR=192.0.2.20
        PREFIX=25
        IPADDR1=192.0.2.21
        NETMASK1=255.255.255.128
        GATEWAY=192.0.2.1
        DNS1=192.0.2.53
        """,
      found: [
        Interface(
          name: "eth0", method: "static", addresses: ["192.0.2.20/25", "192.0.2.21/25"], mac: "00:50:56:aa:bb:cc",
          gateway: "192.0.2.1", nameServers: ["192.0.2.53"], source: "ifcfg")
      ]),
    Case(
      path: "/etc/sysconfig/network/ifcfg-eth1", text: "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
      found: [Interface(name: "eth1", method: "dhcp", source: "wicked")]),
    Case(
      path: "/etc/NetworkManager/system-connections/wired.nmconnection",
      text: """
        [connection]
        id=wired
        type=ethernet
        interface-name=enp1s0
        [ethernet]
        mac-address=00:50:56:AA:BB:CC
        [ipv4]
        method=manual
        address1=192.0.2.30/24,192.0.2.1
        dns=192.0.2.53;
        """,
      found: [
        Interface(
          name: "enp1s0", method: "static", addresses: ["192.0.2.30/24"], mac: "00:50:56:aa:bb:cc",
          gateway: "192.0.2.1", nameServers: ["192.0.2.53"], source: "networkmanager")
      ]),
    Case(
      path: "/etc/NetworkManager/system-connections/tunnel", text: "[connection]\nid=t\ntype=vpn\n", found: []),
    Case(
      path: "/etc/netplan/50-cloud-init.yaml",
      text: """
        # made by cloud-init
        network:
            version: 2
            ethernets:
                ens3:
                    match:
                        macaddress: "fa:16:3e:00:00:01"
                    set-name: lan0
                    dhcp4: true
                ens4:
                    addresses:
                    - 192.0.2.40/24
                    - "2001:db8::40/64"
                    nameservers:
                        addresses: [192.0.2.53, 192.0.2.54]
                    routes:
                    - to: default
                      via: 192.0.2.1
            vlans:
                v1: {id: 1, link: ens4}
        """,
      found: [
        Interface(name: "lan0", method: "dhcp", mac: "fa:16:3e:00:00:01", source: "netplan"),
        Interface(
          name: "ens4", method: "static", addresses: ["192.0.2.40/24", "2001:db8::40/64"], gateway: "192.0.2.1",
          nameServers: ["192.0.2.53", "192.0.2.54"], source: "netplan"),
      ]),
    Case(
      path: "/etc/systemd/network/10-lan.network",
      text: "[Match]\nName=en*\n[Network]\nAddress=192.0.2.50/24\nGateway=192.0.2.1\nDNS=192.0.2.53 192.0.2.54\n",
      found: [
        Interface(
          name: "en*", method: "static", addresses: ["192.0.2.50/24"], gateway: "192.0.2.1",
          nameServers: ["192.0.2.53", "192.0.2.54"], source: "networkd")
      ]),
    Case(
      path: "/etc/systemd/network/20-dhcp.network",
      text: "[Match]\nMACAddress=00:50:56:00:00:01\n[Network]\nDHCP=ipv4\n",
      found: [Interface(name: "00:50:56:00:00:01", method: "dhcp", mac: "00:50:56:00:00:01", source: "networkd")]),
    Case(path: "/etc/sysconfig/network/ifcfg-eth1.bak", text: "BOOTPROTO=dhcp", found: []),
    Case(path: "/etc/sysconfig/network/ifcfg-lo", text: "IPADDR=127.0.0.1/8", found: []),
  ]

  @Test("names, methods and addresses", arguments: cases) func reads(file: Case) {
    var found = InterfaceText.interfaces(file.text, path: file.path)
    for index in found.indices where found[index].nameServers == [] { found[index].nameServers = nil }
    #expect(found == file.found)
  }

  @Test("a mask is a prefix only where its ones come first")
  func masks() {
    #expect(InterfaceText.prefixLength("255.255.255.0") == 24)
    #expect(InterfaceText.prefixLength("255.255.255.255") == 32)
    #expect(InterfaceText.prefixLength("0.0.0.0") == 0)
    #expect(InterfaceText.prefixLength("255.0.255.0") == nil)
    #expect(InterfaceText.prefixLength("24") == nil)
  }

  @Test("text of any kind is passed over, and what is found is bounded", arguments: cases)
  func hostile(file: Case) {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      var bytes = Array(file.text.utf8)
      for _ in 0..<8 where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let found = InterfaceText.interfaces(String(decoding: bytes, as: UTF8.self), path: file.path)
      #expect(found.count <= 64)
    }
    let deep = (0..<5000).map { String(repeating: " ", count: $0) + "k:" }.joined(separator: "\n")
    #expect(NetplanOutline.leaves(deep) == [])
    let long = String(repeating: "x", count: 1 << 16)
    let found = InterfaceText.interfaces("iface \(long) inet static\n address \(long)", path: "/etc/network/interfaces")
    #expect(found.first?.name.count == 100 && found.first?.addresses.first?.count == 100)
  }
}
