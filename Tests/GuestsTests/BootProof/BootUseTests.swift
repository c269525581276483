import Foundation
import Testing

@testable import Guests

@Suite("What a booted guest may write") struct BootUseTests {
  @Test(
    "much on its disks or its ports, or little room here, is not borne",
    arguments: [
      (BootUse(diskBytes: 1 << 30, logBytes: 1 << 20, freeBytes: 10 << 30), true),
      (BootUse(diskBytes: 65 << 30, logBytes: 0, freeBytes: .max), false),
      (BootUse(diskBytes: 0, logBytes: 2 << 30, freeBytes: .max), false),
      (BootUse(diskBytes: 0, logBytes: 0, freeBytes: 1 << 20), false),
    ])
  func bounds(use: BootUse, isBearable: Bool) {
    #expect(use.isBearable == isBearable)
  }

  @Test("all that it says on its ports is counted") func ports() throws {
    let folder = try TemporaryFolder()
    let files = BootMachine.Files(folder: folder.url.path)
    for (path, count) in [(files.serial, 5), (files.firmwareLog, 7), (files.packets(1), 11)] {
      try Data(count: count).write(to: URL(fileURLWithPath: path))
    }
    let use = BootUse(files, diskBytes: 3, nics: 2)
    #expect(use.logBytes == 23 && use.diskBytes == 3 && use.freeBytes > 0)
  }
}
