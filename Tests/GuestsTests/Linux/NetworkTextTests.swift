import Testing

@testable import Guests

@Suite("Network configuration of Linux guests")
struct NetworkTextTests {
  static let mac = "00:50:56:aa:00:01"
  static let fixed = NetworkWish.Addressing.fixed(
    addresses: ["198.51.100.7/24", "2001:db8::7/64"], gateway: "198.51.100.1", nameServers: ["198.51.100.53"])

  private func file(_ kind: NetworkFile.Kind, _ text: String, path: String = "/x/ifcfg-ens192") -> NetworkFile {
    NetworkFile(path: path, kind: kind, text: text)
  }

  @Test("interfaces are read from every format, with what they are tied to")
  func reading() {
    func only(_ kind: NetworkFile.Kind, _ text: String) -> NamedInterface? {
      let found = NetworkReading.interfaces(file(kind, text))
      return found.count == 1 ? found[0] : nil
    }
    let interfaces = "auto lo\niface lo inet loopback\nauto ens192\niface ens192 inet static\n address 192.0.2.1/24\n"
    #expect(only(.ifupdown, interfaces) == NamedInterface(name: "ens192", isStatic: true))
    let ifcfg = "TYPE=Ethernet\nBOOTPROTO=none\nDEVICE=ens192\nHWADDR=00:50:56:AA:00:01\nIPADDR=192.0.2.1\n"
    #expect(only(.ifcfg, ifcfg) == NamedInterface(name: "ens192", mac: Self.mac, isStatic: true))
    #expect(only(.ifcfg, "TYPE=Bridge\nDEVICE=br0\n") == nil)
    #expect(only(.wicked, "BOOTPROTO='dhcp'\n") == NamedInterface(name: "ens192", isStatic: false))
    let keyfile = "[connection]\ntype=ethernet\n[ethernet]\nmac-address=00:50:56:AA:00:01\n[ipv4]\nmethod=auto\n"
    #expect(only(.keyfile, keyfile) == NamedInterface(name: nil, mac: Self.mac, isStatic: false))
    #expect(only(.keyfile, "[connection]\ntype=bond\ninterface-name=bond0\n") == nil)
    let rule = "SUBSYSTEM==\"net\", ATTR{address}==\"\(Self.mac)\", NAME=\"eth0\"\n"
    #expect(only(.rules, rule) == NamedInterface(name: "eth0", mac: Self.mac, isStatic: false))
    #expect(only(.network, "[Match]\nName=en*\n[Network]\nDHCP=yes\n") == nil)
    let netplan =
      "network:\n  version: 2\n  ethernets:\n    nic0:\n      match:\n        macaddress: \"00:50:56:AA:00:01\"\n"
      + "      set-name: ens192\n      addresses:\n      - 192.0.2.1/24\n  bonds:\n    bond0: {}\n"
    #expect(
      only(.netplan, netplan) == NamedInterface(name: "ens192", mac: Self.mac, section: "nic0", isStatic: true))
  }

  @Test("cards are told by their addresses first, then by their order, and never when there are too many names")
  func assignment() {
    let wishes = [
      NetworkWish(index: 0, oldMAC: "00:50:56:aa:00:01"), NetworkWish(index: 1, oldMAC: "00:50:56:aa:00:02"),
    ]
    let tied = InterfaceNames.assign(
      wishes,
      [
        NamedInterface(name: "ens224", mac: "00:50:56:aa:00:01", isStatic: false),
        NamedInterface(name: "ens192", isStatic: true), NamedInterface(name: "br0", isStatic: true),
      ])
    #expect(tied.names == [0: "ens224", 1: "ens192"])
    #expect(tied.warnings == [])
    let ordered = InterfaceNames.assign(
      wishes, [NamedInterface(name: "eth10", isStatic: true), NamedInterface(name: "eth2", isStatic: true)])
    #expect(ordered.names == [0: "eth2", 1: "eth10"] && ordered.warnings.count == 1)
    let many = InterfaceNames.assign(
      [wishes[0]], [NamedInterface(name: "ens192", isStatic: true), NamedInterface(name: "ens224", isStatic: true)])
    #expect(many.names == [:] && many.warnings.count == 1)
    let left = InterfaceNames.assign(
      [wishes[0]], [NamedInterface(name: "eth0", mac: "aa:aa:aa:aa:aa:aa", isStatic: false)])
    #expect(left.names == [:])
  }

  @Test("other addresses are written in each format, and what is no address stays")
  func ifupdown() {
    let text = """
      auto lo
      iface lo inet loopback

      auto ens192
      iface ens192 inet static
        address 192.0.2.1
        netmask 255.255.255.0
        mtu 9000
      iface ens192 inet6 auto

      iface ens224 inet dhcp
      """
    let interface = NamedInterface(name: "ens192", isStatic: true)
    #expect(
      AddressWriting.changed(file(.ifupdown, text), interface, .dhcp) == """
        auto lo
        iface lo inet loopback

        auto ens192
        iface ens192 inet dhcp
          mtu 9000

        iface ens224 inet dhcp
        """)
    let changed = AddressWriting.changed(file(.ifupdown, text), interface, Self.fixed) ?? ""
    #expect(
      changed.contains("iface ens192 inet static\n  mtu 9000\n  address 198.51.100.7/24\n  gateway 198.51.100.1\n"))
    #expect(changed.contains("iface ens192 inet6 static\n  address 2001:db8::7/64\n"))
    #expect(!changed.contains("192.0.2.1") && changed.hasSuffix("iface ens224 inet dhcp"))
    #expect(AddressWriting.changed(file(.ifupdown, text), NamedInterface(name: "eth7", isStatic: true), .dhcp) == nil)
  }

  @Test("settings of Red Hat and SUSE")
  func settings() {
    let text =
      "TYPE=Ethernet\nBOOTPROTO=none\nIPADDR=192.0.2.1\nPREFIX=24\nGATEWAY=192.0.2.254\nDNS1=192.0.2.53\nMTU=9000\n"
    let interface = NamedInterface(name: "ens192", isStatic: true)
    #expect(
      AddressWriting.changed(file(.ifcfg, text), interface, .dhcp) == "TYPE=Ethernet\nBOOTPROTO=\"dhcp\"\nMTU=9000\n")
    let fixed = AddressWriting.changed(file(.ifcfg, text), interface, Self.fixed) ?? ""
    #expect(fixed.contains("IPADDR=\"198.51.100.7\"\nPREFIX=\"24\"\n") && fixed.contains("GATEWAY=\"198.51.100.1\"\n"))
    #expect(fixed.contains("IPV6ADDR=\"2001:db8::7/64\"\n") && fixed.contains("DNS1=\"198.51.100.53\"\n"))
    let suse = AddressWriting.changed(file(.wicked, "BOOTPROTO='static'\nIPADDR='192.0.2.1/24'\n"), interface, .dhcp)
    #expect(suse == "BOOTPROTO=\"dhcp\"\n")
  }

  @Test("NetworkManager and networkd")
  func sections() {
    let keyfile =
      "[connection]\ninterface-name=ens192\n\n[ipv4]\nmethod=manual\naddress1=192.0.2.1/24,192.0.2.254\n\n"
      + "[ipv6]\nmethod=auto\n"
    let interface = NamedInterface(name: "ens192", isStatic: true)
    #expect(
      AddressWriting.changed(file(.keyfile, keyfile), interface, .dhcp)
        == "[connection]\ninterface-name=ens192\n\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n")
    let fixed = AddressWriting.changed(file(.keyfile, keyfile), interface, Self.fixed) ?? ""
    #expect(
      fixed.contains("[ipv4]\nmethod=manual\naddress1=198.51.100.7/24\ngateway=198.51.100.1\ndns=198.51.100.53;\n"))
    #expect(fixed.contains("[ipv6]\nmethod=manual\naddress1=2001:db8::7/64\n"))
    let network = "[Match]\nName=ens192\n\n[Network]\nDHCP=no\nLLMNR=no\n\n[Address]\nAddress=192.0.2.1/24\n"
    #expect(
      AddressWriting.changed(file(.network, network), interface, .dhcp)
        == "[Match]\nName=ens192\n\n[Network]\nLLMNR=no\nDHCP=yes\n")
  }

  @Test("netplan keeps what it does not say about addresses")
  func netplan() {
    let text = """
      network:
        version: 2
        ethernets:
          ens192:
            mtu: 9000
            addresses:
            - 192.0.2.1/24
            routes:
              - to: default
                via: 192.0.2.254
            optional: true
          ens224:
            dhcp4: true

      """
    var netplan = NetplanText(text)
    #expect(NetplanOutline.interfaces(text).map(\.named.name) == ["ens192", "ens224"])
    #expect(NetplanOutline.interfaces(text).map(\.named.isStatic) == [true, false])
    let found = netplan.setAddressing(of: "ens192", Self.fixed)
    #expect(found)
    #expect(
      netplan.text == """
        network:
          version: 2
          ethernets:
            ens192:
              dhcp4: false
              addresses: [198.51.100.7/24, 2001:db8::7/64]
              routes: [{to: 0.0.0.0/0, via: "198.51.100.1"}]
              nameservers: {addresses: ["198.51.100.53"]}
              mtu: 9000
              optional: true
            ens224:
              dhcp4: true

        """)
    let unknown = netplan.setAddressing(of: "ens7", .dhcp)
    #expect(!unknown)
  }

  @Test("an old hardware address is replaced however it is written, or let go where the new one is not known")
  func addresses() {
    let known = [NetworkWish(index: 0, oldMAC: "00-50-56-AA-00-01", newMAC: "52:54:00:00:00:01")]
    #expect(
      HardwareAddresses.rewritten(file(.ifcfg, "HWADDR=00:50:56:AA:00:01\nUUID=x\n"), known)
        == "HWADDR=52:54:00:00:00:01\nUUID=x\n")
    let unknown = [NetworkWish(index: 0, oldMAC: Self.mac)]
    #expect(HardwareAddresses.rewritten(file(.ifcfg, "HWADDR=00:50:56:AA:00:01\nA=1\n"), unknown) == "A=1\n")
    #expect(
      HardwareAddresses.rewritten(file(.ifcfg, "HWADDR=00:50:56:AA:00:09\n"), unknown) == "HWADDR=00:50:56:AA:00:09\n")
    #expect(
      HardwareAddresses.rewritten(file(.network, "[Match]\nMACAddress=\(Self.mac)\n"), unknown) == "[Match]\nName=e*\n")
    #expect(
      HardwareAddresses.rewritten(
        file(.netplan, "ethernets:\n  a:\n    match:\n      macaddress: \(Self.mac)\n"), unknown)
        == "ethernets:\n  a:\n    match:\n      name: \"e*\"\n")
  }

  private static let netplan = """
    network:
      ethernets:
        one:
          match:
            macaddress: \(mac)
          set-name: ens192
        two:
          match: {}
          dhcp4: true
        three:
          match:
            macaddress: "00:50:56:AA:00:02"
          set-name: ens224

    """

  private func several(_ addressing: NetworkWish.Addressing) -> [NetworkWish] {
    [
      NetworkWish(index: 0, oldMAC: Self.mac, addressing: addressing),
      NetworkWish(index: 1, oldMAC: "00:50:56:aa:00:02", addressing: addressing),
    ]
  }

  @Test("of several interfaces whose addresses are not known, no two match the same cards")
  func severalLoose() {
    let assigned = HardwareAddresses.rewritten(file(.netplan, Self.netplan), several(.dhcp))
    #expect(
      assigned
        == Self.netplan.replacing("macaddress: \(Self.mac)\n      set-name: ens192", with: "name: \"e*\"")
        .replacing("macaddress: \"00:50:56:AA:00:02\"\n      set-name: ens224", with: "name: \"ens224\""))
    #expect(HardwareAddresses.rewritten(file(.netplan, assigned), several(.dhcp)) == assigned)
    // With addresses of their own, none may be for every card.
    let fixed = HardwareAddresses.rewritten(file(.netplan, Self.netplan), several(.keep))
    #expect(!fixed.contains("e*") && fixed.contains("name: \"ens192\"") && fixed.contains("name: \"ens224\""))
    #expect(!fixed.contains("set-name"))
    // The only card is still renamed.
    let only = HardwareAddresses.rewritten(
      file(.netplan, Self.netplan), [NetworkWish(index: 0, oldMAC: Self.mac, addressing: .dhcp)])
    #expect(only.contains("name: \"e*\"\n      set-name: ens192"))
    let second = "[Match]\nMACAddress=00:50:56:aa:00:02\n"
    #expect(HardwareAddresses.rewritten(file(.network, second), several(.dhcp)) == second)
    #expect(
      HardwareAddresses.rewritten(file(.network, "[Match]\nMACAddress=\(Self.mac)\n"), several(.dhcp)).contains("e*"))
    #expect(
      HardwareAddresses.rewritten(file(.network, "[Match]\nMACAddress=\(Self.mac)\n"), several(.keep)).contains(
        Self.mac))
  }

  @Test("what to do about a name that cannot be kept depends on who chooses the address")
  func remedies() {
    #expect(NetworkAdaptation.unpinnable("ens192", 1, takesAddresses: true).contains("nics.1.mac"))
    #expect(!NetworkAdaptation.unpinnable("ens192", 1, takesAddresses: false).contains("nics.1.mac"))
  }

  @Test("a card is told by its address, else by its driver where it is alone")
  func pins() {
    #expect(PinnedName(name: "ens192", mac: Self.mac, drivers: []).link?.contains("MACAddress=\(Self.mac)\n") == true)
    #expect(PinnedName(name: "ens192", mac: nil, drivers: ["virtio_net"]).link?.contains("Driver=virtio_net\n") == true)
    #expect(PinnedName(name: "ens192", mac: nil, drivers: []).link == nil)
    #expect(PinnedName(name: "eth0", mac: nil, drivers: ["a", "b"]).rule?.contains("DRIVERS==\"a|b\"") == true)
  }
}
