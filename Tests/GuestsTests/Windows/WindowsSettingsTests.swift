import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Guests

/// A registry in memory.
struct MemoryRegistry: RegistryReading {
  var values: [String: RegistryValue] = [:]
  var keys: Set<String> = []

  func value(_ key: [String], _ name: String) throws(AscendError) -> RegistryValue? {
    values[(key + [name]).joined(separator: "\\").lowercased()]
  }

  func has(_ key: [String]) throws(AscendError) -> Bool {
    keys.contains(key.joined(separator: "\\").lowercased())
  }
}

@Suite("Settings that platforms ask of Windows")
struct WindowsSettingsTests {
  @Test("the desktop is opened where it was closed, in the firewall too")
  func remoteDesktop() throws {
    let rules = "cs\\services\\sharedaccess\\parameters\\firewallpolicy\\firewallrules\\"
    var hive = MemoryRegistry()
    hive.keys = ["cs\\services\\termservice"]
    hive.values = [
      "cs\\services\\termservice\\start": .dword(4),
      rules + "remotedesktop-usermode-in-tcp": .string("v2.10|Action=Allow|Active=FALSE|Dir=In|LPort=3389|"),
      rules + "remotedesktop-in-tcp": .string("v2.10|Action=Allow|Active=TRUE|Dir=In|LPort=3389|"),
    ]
    let edits = try GuestSetting.remoteDesktop.edits(hive, controlSets: ["CS"])
    #expect(
      edits == [
        .set(["CS", "Control", "Terminal Server"], "fDenyTSConnections", .dword(0)),
        .set(["CS", "Services", "TermService"], "Start", .dword(3)),
        .set(
          ["CS", "Services", "SharedAccess", "Parameters", "FirewallPolicy", "FirewallRules"],
          "RemoteDesktop-UserMode-In-TCP", .string("v2.10|Action=Allow|Active=TRUE|Dir=In|LPort=3389|")),
      ])
    #expect(GuestSetting.remoteDesktop.firstBoot.count == 1)
  }

  @Test("the remote desktop is neither tied to an interface that is gone nor kept shut by a policy")
  func remoteDesktopObstacles() throws {
    let connection = ["CS", "Control", "Terminal Server", "WinStations", "RDP-Tcp"]
    let policy = ["Policies", "Microsoft", "Windows NT", "Terminal Services"]
    var hive = MemoryRegistry()
    hive.values = [
      (connection + ["LanAdapter"]).joined(separator: "\\").lowercased(): .dword(2),
      (policy + ["fDenyTSConnections"]).joined(separator: "\\").lowercased(): .dword(1),
    ]
    #expect(
      try GuestSetting.remoteDesktop.edits(hive, controlSets: ["CS"]).contains(
        .set(connection, "LanAdapter", .dword(0))))
    #expect(
      try GuestSetting.remoteDesktop.softwareEdits(hive) == [.set(policy, "fDenyTSConnections", .dword(0))])
    #expect(try GuestSetting.remoteDesktop.softwareEdits(MemoryRegistry()) == [])
    #expect(try GuestSetting.clockUTC.softwareEdits(hive) == [])
  }

  @Test("what may refuse new drivers is found")
  func safeguards() throws {
    var hive = MemoryRegistry()
    #expect(try SafeguardSurvey.policies(hive, hasGroupPolicies: false) == [])
    hive.values["policies\\microsoft\\windows\\deviceinstall\\restrictions\\denydeviceids"] = .dword(1)
    #expect(
      try SafeguardSurvey.policies(hive, hasGroupPolicies: true) == ["group-policy", "device-installation-policy"])
    hive.keys = ["cs\\services\\csfalconservice", "cs\\services\\windefend"]
    #expect(try SafeguardSurvey.antivirus(hive, controlSet: "CS") == ["antivirus: CrowdStrike Falcon"])
  }

  @Test("clock, disks and addresses")
  func others() throws {
    let hive = MemoryRegistry()
    let sets = ["CS1", "CS2"]
    #expect(try GuestSetting.clockUTC.edits(hive, controlSets: sets).count == 2)
    #expect(
      try GuestSetting.disksOnline.edits(hive, controlSets: ["CS"]) == [
        .set(["CS", "Services", "partmgr", "Parameters"], "SanPolicy", .dword(1))
      ])
    #expect(try GuestSetting.dhcp.edits(hive, controlSets: sets).isEmpty)
    #expect(try GuestSetting.serialConsole.edits(hive, controlSets: sets).isEmpty)
    #expect(GuestSetting.serialConsole.firstBoot.allSatisfy { $0.contains("bcdedit") })
  }

  @Test("what a platform asks is taken for the versions that it names, and what is not known is said")
  func extras() {
    let needs = [
      DriverNeed(
        when: .init(family: "windows", min: "10.0"), need: [], settings: ["clock-utc", "clock-utc", "warp-drive"],
        installers: ["qemu-ga-{arch}.msi", "../evil.msi", "setup.exe", "Some Tools{64}.msi"]),
      DriverNeed(when: .init(family: "linux"), need: [], settings: ["remote-desktop"]),
    ]
    let extras = PlatformExtras(needs, version: "10.0")
    #expect(extras.settings == [.clockUTC])
    #expect(extras.installers(.amd64) == ["qemu-ga-x86_64.msi", "some tools64.msi"])
    #expect(extras.installers(.x86) == ["qemu-ga-i386.msi", "some tools.msi"])
    #expect(extras.warnings.count == 3)
    #expect(PlatformExtras(needs, version: "6.3").settings.isEmpty)
  }

  @Test("software of the old platform stays where its drivers are needed")
  func tools() throws {
    let tools = try #require(try GuestTools.all().first { $0.program != nil })
    #expect(tools.isForeign(to: ["viostor", "netkvm"]))
    #expect(!tools.isForeign(to: ["PVSCSI"]))
    var hive = MemoryRegistry()
    hive.keys = ["cs\\services\\rhelscsi"]
    let edits = try GuestTools.all().flatMap { try $0.disabling(hive, controlSets: ["CS"]) }
    #expect(edits == [.set(["CS", "Services", "rhelscsi"], "Start", .dword(4))])
    // A filter that is switched off must not be asked for by a device any more.
    let disks = ["CS", "Control", "Class", "{4d36e967-e325-11ce-bfc1-08002be10318}"]
    hive.values[(disks + ["LowerFilters"]).joined(separator: "\\").lowercased()] = .multiString(["PRL_strg", "partmgr"])
    #expect(
      try GuestTools.all().flatMap { try $0.disabling(hive, controlSets: ["CS"]) }.contains(
        .set(disks, "LowerFilters", .multiString(["partmgr"]))))
  }

  @Test("values read as they were written")
  func values() {
    #expect(RegistryValue.string("Grüße").text == "Grüße")
    #expect(RegistryValue.string("").text == "")
    #expect(RegistryValue.dword(0xdead_beef).number == 0xdead_beef)
    #expect(RegistryValue.multiString(["a", "b"]).texts == ["a", "b"])
    #expect(RegistryValue.multiString(["a"]).bytes == [0x61, 0, 0, 0, 0, 0])
    #expect(RegistryValue(type: 4, bytes: [1]).number == nil)
    #expect(RegistryValue(type: 1, bytes: [0x41]).text == "")
    #expect(RegistryValue.binary([1, 255]).description == "01 ff")
    let path = DriverPayload.devicePath(
      .expandString("%SystemRoot%\\inf;C:\\x"), adding: ["%SystemRoot%\\Drivers\\a", "c:\\X"])
    #expect(path.text == "%SystemRoot%\\inf;C:\\x;%SystemRoot%\\Drivers\\a")
    #expect(DriverPayload.devicePath(nil, adding: ["d"]).text == "%SystemRoot%\\inf;d")
    #expect(DriverPayload.devicePath(path, adding: ["%systemroot%\\drivers\\A"]) == path)
  }
}
