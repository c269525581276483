import Testing

@testable import Guests

@Suite("Default routes of the old network")
struct RouteTextTests {
  private let table = """
    # written by YaST
    default 192.0.2.1 - -
    10.0.0.0/8 192.0.2.2 - eth0
    default 203.0.113.1 - eth1
    0.0.0.0 192.0.2.9 0.0.0.0 eth0

    """

  @Test("SUSE: the default route that names the interface, or none, goes; another interface's stays")
  func suse() {
    #expect(
      RouteText.withoutDefault(table, of: "eth0", isOwn: false)
        == "# written by YaST\n10.0.0.0/8 192.0.2.2 - eth0\ndefault 203.0.113.1 - eth1\n")
    // The gateway is that of an interface which stays as it is.
    #expect(
      RouteText.withoutDefault(table, of: "eth1", isOwn: false, kept: ["192.0.2.20/24"])
        == table.replacing("default 203.0.113.1 - eth1\n", with: ""))
    #expect(
      RouteText.withoutDefault("default fe80::1 - -\n", of: "eth0", isOwn: false, kept: ["192.0.2.20/24"]) == "")
  }

  @Test("Red Hat: the interface's own routes, in both ways of writing them")
  func redHat() {
    #expect(
      RouteText.withoutDefault("default via 192.0.2.1 dev eth0\n10.0.0.0/8 via 192.0.2.2\n", of: "eth0", isOwn: true)
        == "10.0.0.0/8 via 192.0.2.2\n")
    let old = "ADDRESS0=10.0.0.0\nNETMASK0=255.0.0.0\nGATEWAY0=192.0.2.2\n"
    #expect(
      RouteText.withoutDefault(
        old + "ADDRESS1=0.0.0.0\nNETMASK1=0.0.0.0\nGATEWAY1=192.0.2.1\n", of: "eth0", isOwn: true) == old)
    #expect(RouteText.isEmpty("# nothing\n\n") && !RouteText.isEmpty(old))
  }

  @Test("Red Hat 6: one gateway for all interfaces goes, unless it is that of one that stays")
  func gateway() {
    let text = "NETWORKING=yes\nHOSTNAME=web\nGATEWAY=192.0.2.1\n"
    #expect(RouteText.withoutGateway(text, of: "eth0", kept: []) == "NETWORKING=yes\nHOSTNAME=web\n")
    #expect(RouteText.withoutGateway(text, of: "eth1", kept: ["192.0.2.20/24"]) == text)
    #expect(RouteText.withoutGateway(text + "GATEWAYDEV=eth1\n", of: "eth0", kept: []) == text + "GATEWAYDEV=eth1\n")
    #expect(
      RouteText.withoutGateway(text + "GATEWAYDEV=eth0\n", of: "eth0", kept: []) == "NETWORKING=yes\nHOSTNAME=web\n")
  }
}
