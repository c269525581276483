import ConnectorProtocol
import Testing

@testable import QEMUConnector

@Suite struct RuleTests {
  @Test(arguments: ["vm", "a", "Web-01.example_x", "0", String(repeating: "a", count: 64)])
  func `names that are possible`(name: String) { #expect(NameRule.accepts(name)) }

  @Test(arguments: [
    "", ".", "..", ".hidden", "-x", "a/b", "a b", "a,b", "a\n", "ä", "a'b", String(repeating: "a", count: 65),
    ".claim-x",
  ]) func `names that are not`(name: String) {
    #expect(!NameRule.accepts(name))
    if let nearest = NameRule.nearest(name) { #expect(NameRule.accepts(nearest)) }
  }

  @Test(
    arguments: [
      ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)\nCopyright", Host.Version(major: 7, minor: 2)),
      ("QEMU emulator version 10.0.0", Host.Version(major: 10, minor: 0)), ("QEMU emulator", nil), ("", nil),
    ] as [(String, Host.Version?)]) func `versions of QEMU`(said: String, version: Host.Version?)
  {
    #expect(Host.Version(output: said) == version)
  }

  @Test func `identities are kept, or follow from the job`() {
    let job = JobID("0198A0C0-0000-7000-8000-0000000000AA")
    let keep = Identity(job: job, renew: false)
    #expect(keep.uuid("564D1234-0000-1111-2222-333344445555") == "564d1234-0000-1111-2222-333344445555")
    #expect(keep.uuid("nonsense") == "0198a0c0-0000-7000-8000-0000000000aa")
    #expect(keep.mac("00-50-56-AB-CD-EF", index: 0) == "00:50:56:ab:cd:ef")
    let renew = Identity(job: job, renew: true)
    #expect(renew.uuid("564D1234-0000-1111-2222-333344445555") == keep.uuid(nil))
    #expect(renew.mac("00:50:56:ab:cd:ef", index: 0).hasPrefix("52:54:00:"))
    #expect(renew.mac(nil, index: 0) != renew.mac(nil, index: 1))
    #expect(Identity(job: JobID("x"), renew: true).uuid(nil).count == 36)
  }
}
