import CGuestfs
import ConnectorProtocol
import Foundation
import Logging
import Support
import Testing

@testable import Guests

/// Every generation of Windows in one appliance: it is what costs.
@Suite("Synthetic Windows guests", .tags(.guest), .enabled(if: WindowsLab.isThere, WindowsLab.whyNot), .serialized)
struct WindowsLabTests {
  private static let releases = ["2k8r2", "2k22", "w7x86", "2k12", "2k12r2", "2k16", "w11", "2k25", "2k19", "w10"]
  private static let uefi: Set<String> = ["2k22", "w11", "2k25"]

  /// What is left of one machine after its preparation.
  private struct After: Sendable {
    var report: PreparationReport
    var again: PreparationReport?
    var system: URL?
    var software: URL?
    var files: Set<String> = []
    var isRestricted = false
    var firstStart: FirstStartLog?
    var addresses = ""
  }

  @Test("drivers are put in, switched on and read back, and the result is what virt-v2v's is")
  func generations() async throws {
    let folder = try TemporaryFolder()
    let disks = try WindowsLab.overlays(Self.releases, in: folder)
    let drivers = try WindowsLab.drivers()
    let place = folder.url
    let (onDisk, onSCSI) = (try WindowsLab.qemu("virtio-blk"), try WindowsLab.qemu("virtio-scsi"))
    // One of them gets what operators give beside drivers, on a platform that leaves addresses to it.
    var operators = WindowsWish(drivers: drivers, nics: [.init(index: 0, newMAC: "00:50:56:00:00:01")])
    for (name, text) in [("hello.ps1", "Write-Output hello\n"), ("agent.msi", "no installer at all")] {
      let file = place.appendingPathComponent(name)
      try Data(text.utf8).write(to: file)
      if name.hasSuffix("ps1") { operators.firstBootScripts = [file.path] } else { operators.packages = [file.path] }
    }
    let wish = operators
    let results = try await Appliance.with(disks, options: ApplianceOptions(), logger: Logger(label: "test")) {
      guest throws(AscendError) in
      var results: [String: After] = [:]
      for (index, release) in Self.releases.enumerated() {
        // The first two are compared, and prepared twice; of the others every second gets what Windows brings along.
        // The last but one has its driver itself, and no source is there.
        let isCompared = index < 2
        let others = index % 2 == 0 ? WindowsLab.paravirtual : WindowsLab.emulated
        let needs = release == "w10" ? onSCSI : isCompared || release == "2k19" ? onDisk : others
        let preparation = WindowsLab.preparation(
          guest, disk: index, needs: needs,
          wish: release == "2k25" ? wish : WindowsWish(drivers: release == "2k19" ? .empty : drivers),
          firmware: Self.uefi.contains(release) ? .uefi : .bios)
        var after = After(report: try preparation.run())
        if isCompared { after.again = try preparation.run() }
        try guest.mount("/dev/sd\(Character(UnicodeScalar(UInt8(97 + index))))2", at: "/", readOnly: true)
        after.system = try Self.keep(guest, "/Windows/System32/config/SYSTEM", place)
        if release == "2k25" {
          after.firstStart = try FirstStartReader.windows(guest, "/Windows/Ascend")
          after.addresses = try guest.readText("/Windows/Ascend/files/addresses.ps1") ?? ""
        }
        if isCompared {
          after.software = try Self.keep(guest, "/Windows/System32/config/SOFTWARE", place)
          after.files = Set(try guest.texts("listing", "/") { guestfs_find($0, "/") })
          after.isRestricted = !SecurityDescriptor(try guest.accessControl("/Windows/Ascend/firstboot.cmd"))
            .othersMayWrite
        }
        try guest.unmountAll()
        results[release] = after
      }
      return results
    }

    for release in Self.releases {
      let after = try #require(results[release])
      #expect(after.report.prepared && after.report.changed, "\(release)")
      let lines = try WindowsLab.lines(try #require(after.system))
      for driver in after.report.drivers ?? [] where !driver.controlSets.isEmpty {
        for set in ["ControlSet001", "ControlSet002"] {
          #expect(
            lines.contains("\(set)\\Services\\\(driver.name) | Start | 4 | 00000000"), "\(release): \(driver.name)")
          #expect(!lines.contains("\(set)\\Services\\\(driver.name)\\StartOverride"), "\(release): \(driver.name)")
        }
      }
      if release == "w10" { checkDevices(lines) }
      // The control set that failed is left as it was.
      #expect(lines.contains("ControlSet003\\Services\\atapi | Start | 4 | 03000000"))
    }
    try checkDrivers(results)
    for release in Self.releases.prefix(2) {
      let after = try #require(results[release])
      #expect(after.again?.prepared == true)
      #expect(after.again?.changes == [], "\(release): a second preparation changes nothing")
      try compare(after, release)
    }
  }

  private static func keep(_ guest: GuestfsHandle, _ path: String, _ folder: URL) throws(AscendError) -> URL {
    let copy = try guest.copyOut(path, limit: 64 << 20)
    let kept = folder.appendingPathComponent(copy.lastPathComponent)
    do {
      try FileManager.default.moveItem(at: copy, to: kept)
    } catch {
      throw AscendError("test.failed", "\(error)")
    }
    return kept
  }

  private func checkDrivers(_ results: [String: After]) throws {
    func states(_ release: String) -> [String: String] {
      Dictionary((results[release]?.report.drivers ?? []).map { ($0.name, $0.state) }, uniquingKeysWith: { a, _ in a })
    }
    #expect(states("2k19") == ["viostor": "was installed, and starts with the kernel"])
    #expect(results["2k19"]?.report.warnings.contains { $0.contains("qemu-ga-x86_64.msi") } == true)
    #expect(states("w10") == ["vioscsi": "starts with the kernel", "netkvm": "is installed at the first start"])
    #expect(results["w10"]?.report.drivers?.first?.source?.hasSuffix("vioscsi/w10/amd64/vioscsi.inf") == true)
    // The packages for the newest systems are those that leave their files in the driver store.
    #expect(states("w11")["viostor"] == "starts with the kernel")
    for path in ["files/qemu-ga-x86_64.msi", "steps/4000-qemu-ga-x86_64.cmd", "steps/2001-netkvm.cmd"] {
      #expect(results["2k22"]?.files.contains("Windows/Ascend/\(path)") == true, "\(path)")
    }
    #expect(states("2k22") == ["viostor": "starts with the kernel", "netkvm": "is installed at the first start"])
    let source = results["2k22"]?.report.drivers?.first?.source ?? ""
    #expect(source.hasSuffix("viostor/2k22/amd64/viostor.inf"))
    #expect(results["w7x86"]?.report.drivers?.first?.source?.hasSuffix("viostor/w7/x86/viostor.inf") == true)
    #expect(states("2k12").keys.sorted() == ["atapi", "intelide", "pciide", "storahci", "storflt", "storvsc", "vmbus"])
    #expect(states("2k16").keys.contains("stornvme") && states("2k25").keys.contains("stornvme"))
    let first = results["2k25"]?.firstStart
    #expect(
      first?.pending == [
        "2500-addresses", "4000-agent", "5000-remove-vmware-tools", "6000-001-hello", "9000-restart-after-failure",
      ])
    #expect(first?.text == "" && first?.done == [] && first?.failed == [])
    #expect(results["2k25"]?.addresses.contains("@('10.0.0.5') @('255.255.255.0') @('10.0.0.1')") == true)
    for release in Self.uefi {
      #expect(results[release]?.report.warnings.contains { $0.contains("EFI") } == false)
    }
    #expect(results["2k22"]?.report.facts.productName == "Windows Server 2022 Standard")
    #expect(results["w11"]?.report.facts.productName == "Windows 11 Pro")
    #expect(results["2k22"]?.report.changes.contains { $0.path == "ESP:/EFI/Boot/bootx64.efi" } == true)
    #expect(results["2k22"]?.isRestricted == true && results["2k8r2"]?.isRestricted == true)
  }

  /// A driver that was put in is where its service says, and its devices are in the driver database.
  private func checkDevices(_ lines: Set<String>) {
    let image = "system32\\drivers\\vioscsi.sys\0".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let hex = image.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(lines.contains("ControlSet001\\Services\\vioscsi | ImagePath | 2 | \(hex)"))
    for id in ["VEN_1AF4&DEV_1004", "VEN_1AF4&DEV_1048&REV_01"] {
      #expect(lines.contains("DriverDatabase\\DeviceIds\\PCI\\\(id) | ascend_vioscsi.inf | 3 | 01ff0000"), "\(id)")
    }
  }

  private func compare(_ after: After, _ release: String) throws {
    let comparison = WindowsComparison(release: release)
    try comparison.check(
      "system", ours: try WindowsLab.lines(try #require(after.system)), differences: WindowsComparison.systemDifferences
    )
    try comparison.check(
      "software", ours: try WindowsLab.lines(try #require(after.software)),
      differences: WindowsComparison.softwareDifferences)
    try comparison.check("files", ours: after.files, differences: WindowsComparison.fileDifferences)
  }

  @Test("what must not be changed is refused, and says why")
  func refusals() async throws {
    let folder = try TemporaryFolder()
    let names = ["2k16", "2k12", "2k12r2", "2k22", "w11", "2k8r2", "2k16", "2k12", "2k12r2", "2k22"]
    let disks = try WindowsLab.overlays(names, in: folder)
    let drivers = try WindowsLab.drivers()
    let place = folder.url
    let errors = try await Appliance.with(disks, options: ApplianceOptions(), logger: Logger(label: "test")) {
      guest throws(AscendError) in
      try Self.damage(guest, place)
      var errors: [AscendError?] = []
      for index in names.indices {
        let needs =
          index == 5
          ? [DriverNeed(when: .init(family: "windows"), need: ["pvsc"], initramfs: true)]
          : WindowsLab.paravirtual
        do throws(AscendError) {
          let wish = WindowsWish(drivers: drivers)
          _ = try WindowsLab.preparation(guest, disk: index, needs: needs, wish: wish).run()
          errors.append(nil)
        } catch {
          errors.append(error)
          try guest.unmountAll()
        }
      }
      return errors
    }
    #expect(
      errors.map { $0?.code.rawValue } == [
        "guest.hibernated", "guest.registryDamaged", "guest.registryDamaged", "guest.filesystemDirty", nil,
        "guest.driverMissing", "guest.noSpace", "guest.registryDamaged", "guest.registryDamaged", "guest.callFailed",
      ])
    #expect(errors.prefix(9).allSatisfy { $0 == nil || $0?.remedy != nil })
    #expect(errors[7]?.cause?.contains("2147483648 bytes") == true)
    #expect(errors[8]?.cause?.contains("no regular file") == true)
    #expect(errors[1]?.object == "/Windows/System32/config/SYSTEM")
    #expect(errors[5]?.message.contains("Windows Server 2008 R2 (amd64) has no driver pvsc") == true)
  }

  /// The first is hibernated, the second has a broken cell in its registry, the third a hive of garbage, the fourth is
  /// marked as damaged, the fifth was resumed from hibernation and has a file larger than its volume, the sixth wants a
  /// driver that nobody has, the seventh is full, the eighth has a hive of 2 GiB, the ninth a link out of the guest for a
  /// hive, the tenth one for the folder of its drivers.
  private static func damage(_ guest: GuestfsHandle, _ folder: URL) throws(AscendError) {
    func change(_ disk: String, _ work: () throws(AscendError) -> Void) throws(AscendError) {
      try guest.mount("/dev/\(disk)2", at: "/", readOnly: false)
      try work()
      try guest.unmountAll()
    }
    try change("sda") { () throws(AscendError) in
      try guest.write("/hiberfil.sys", String(repeating: "HIBR", count: 2048))
    }
    try change("sdb") { () throws(AscendError) in
      let path = "/Windows/System32/config/SYSTEM"
      var hive = try guest.read(path, limit: 16 << 20)
      // Where the root key starts: its size is made one that leads nowhere, and its list of subkeys too.
      hive.replaceSubrange((0x1000 + 0x20)..<(0x1000 + 0x24), with: [0x7f, 0xff, 0xff, 0x7f])
      hive.replaceSubrange((0x1000 + 0x20 + 32)..<(0x1000 + 0x20 + 36), with: [0xf0, 0xff, 0xff, 0x0f])
      _ = try guest.install(hive, at: path)
    }
    try change("sdc") { () throws(AscendError) in
      try guest.write("/Windows/System32/config/SYSTEM", String(repeating: "garbage", count: 4096))
    }
    // ntfsfix schedules a check, which is what the mark is for.
    try guest.run("marking", "/dev/sdd2") { guestfs_ntfsfix_argv($0, "/dev/sdd2", nil) }
    try change("sde") { () throws(AscendError) in
      try guest.write("/hiberfil.sys", String(repeating: "wake", count: 2048))
      try guest.run("enlarging", "/hiberfil.sys") { guestfs_truncate_size($0, "/hiberfil.sys", 3 << 30) }
    }
    try change("sdg") { () throws(AscendError) in
      let bytes = try guest.freeBytes("/") - 60 << 20
      try guest.run("filling", "/filler") { guestfs_fallocate64($0, "/filler", bytes) }
    }
    try change("sdh") { () throws(AscendError) in
      let path = "/Windows/System32/config/SYSTEM"
      try guest.run("enlarging", path) { guestfs_truncate_size($0, path, 2 << 30) }
    }
    try change("sdi") { () throws(AscendError) in
      let path = "/Windows/System32/config/SOFTWARE"
      try guest.removeFile(path)
      try guest.run("linking", path) { guestfs_ln_sf($0, "/etc/passwd", path) }
    }
    try change("sdj") { () throws(AscendError) in
      let path = "/Windows/System32/drivers"
      try guest.rename(path, to: "/Windows/System32/other")
      try guest.run("linking", path) { guestfs_ln_sf($0, "/../../../../etc", path) }
    }
  }
}
