import Foundation
import Support
import Testing

@testable import Guests

/// What is appended must leave an initramfs in which the real modprobe finds what it had, and what was added.
@Suite("Modules in an initramfs")
struct InitramfsModulesTests {
  private static let drivers = ["virtio_blk", "virtio_scsi", "sd_mod"]

  private func add(
    to old: [UInt8], _ real: RealModules, _ folder: TemporaryFolder
  ) throws -> (bytes: [UInt8], added: [String]) {
    let contents = try parse(old)
    let index = try real.index
    let present = InitramfsModules(contents, kernel: RealModules.version).loaded
    let plan = InjectionPlan(drivers: Self.drivers, index: index, present: Set(present.map(\.text)))
    let addition = folder.url.appendingPathComponent(UUID().uuidString)
    let archive = AddedArchive(kernel: RealModules.version, contents: contents, index: index) {
      path, _ throws(AscendError) in real.read(path)
    }
    try archive.write(plan.modules, [], into: OutputFile(creating: addition)) { AscendError("test", "\($0) is gone") }
    let new = folder.url.appendingPathComponent(UUID().uuidString)
    _ = try old.withUnsafeBytes { raw in
      try InitramfsBuilder.build(old: raw, contents: contents, adding: addition, into: new)
    }
    return ([UInt8](try Data(contentsOf: new)), plan.modules.map(\.text))
  }

  @Test("the real modprobe finds what was there and what was added", arguments: RealModules.Layout.allCases)
  func modprobe(layout: RealModules.Layout) throws {
    let folder = try TemporaryFolder()
    let real = try RealModules(in: folder.url)
    let old = try real.initramfs(layout)
    let (new, added) = try add(to: old, real, folder)
    #expect(added == ["virtio_ring", "virtio", "virtio_blk", "virtio_scsi"])
    let root = folder.url.appendingPathComponent("result")
    try real.unpack(new, into: root)
    for name in ["ext4", "vmw_pvscsi", "sd_mod", "virtio_blk", "virtio_scsi", "virtio:d00000002v00001AF4"] {
      let files = try real.modprobe(name, in: root)
      let guest = try real.modprobe(name, in: real.guest)
      func modules(_ files: [String]) -> [String] { files.map { ModuleName(path: $0)?.text ?? $0 } }
      #expect(files.count > 1 && modules(files) == modules(guest), "\(name): \(files) for \(guest)")
      for file in files {
        #expect(FileManager.default.fileExists(atPath: file), "\(name): modprobe would load \(file)")
        // What was decompressed may have come without the means to do it.
        #expect(file.hasSuffix(layout == .same ? ".ko.xz" : ".ko"), "\(file)")
        let head = FileManager.default.contents(atPath: file)?.prefix(4)
        #expect(head == (layout == .same ? Data([0xfd, 0x37, 0x7a, 0x58]) : Data([0x7f, 0x45, 0x4c, 0x46])))
      }
    }
    let modules = InitramfsModules(try parse(new), kernel: RealModules.version)
    let index = try real.index
    #expect((Self.drivers + ["ext4", "vmw_pvscsi"]).allSatisfy { modules.starts($0, index) })
    // A second time there is nothing to add.
    #expect(try add(to: new, real, folder).added == [])
  }

  @Test("an index that leads to no file is no driver, and what a later archive put in its place is seen")
  func readBack() throws {
    let folder = try TemporaryFolder()
    let real = try RealModules(in: folder.url)
    let index = try real.index
    let old = try real.initramfs(.flat)
    let before = InitramfsModules(try parse(old), kernel: RealModules.version)
    #expect(["ext4", "vmw_pvscsi", "sd_mod"].allSatisfy { before.starts($0, index) })
    #expect(!before.starts("virtio_blk", index))
    // The guest's own index, with its paths, over that of the initramfs: what must never be made.
    let modules = "usr/lib/modules/\(RealModules.version)"
    let spoilt =
      old + [UInt8](repeating: 0, count: 4 - old.count % 4)
      + ArchiveBuilder.cpio([
        .init(path: "\(modules)/modules.dep.bin", data: real.read("modules.dep.bin") ?? []),
        .init(path: "\(modules)/kernel/drivers/block/virtio_blk.ko.xz", data: [1]),
      ])
    let after = InitramfsModules(try parse(spoilt), kernel: RealModules.version)
    #expect(["ext4", "vmw_pvscsi", "sd_mod"].allSatisfy { !after.loads(ModuleName($0)) })
    // Its own file is where the index says; what it needs is not.
    #expect(!after.loads(ModuleName("virtio_blk")))
    // Adding to such a one mends it.
    let (mended, _) = try add(to: spoilt, real, folder)
    let root = folder.url.appendingPathComponent("mended")
    try real.unpack(mended, into: root)
    for name in ["ext4", "vmw_pvscsi", "virtio_blk"] {
      let files = try real.modprobe(name, in: root)
      #expect(files.count > 1 && files.allSatisfy(FileManager.default.fileExists(atPath:)), "\(name): \(files)")
    }
  }

  @Test("without an index a module's file is enough, and the one that is written has it too")
  func withoutIndex() throws {
    let contents = try parse(
      ArchiveBuilder.cpio([
        .init(path: "lib/modules/3.0/extra/a.ko", data: [1]), .init(path: "lib/modules/3.0/kernel/a.ko", data: [1]),
        .init(path: "lib/modules/3.0/weak-updates/b.ko", mode: 0o120777, data: Array("/x/b.ko".utf8)),
      ]))
    let modules = InitramfsModules(contents, kernel: "3.0")
    #expect(modules.loads(ModuleName("a")) && !modules.loads(ModuleName("c")))
    let guest = ModuleIndex(
      dep: "/lib/modules/3.0/kernel/a.ko:\n/lib/modules/3.0/kernel/c.ko: /lib/modules/3.0/kernel/a.ko\n", builtin: "",
      softdep: "")
    #expect(guest.hasWholePaths)
    let index = modules.index(adding: [ModuleName("c"): "kernel/c.ko"], guest: guest)
    #expect(
      index.lines(prefix: "/m/").map(\.value) == ["/m/kernel/a.ko:", "/m/kernel/c.ko: /m/kernel/a.ko"])
    #expect(modules.place(of: "kernel/c.ko.gz") == ("kernel/c.ko", .gzip))
  }

  @Test("a link that an index names counts as its module")
  func links() throws {
    let lines = [BinaryIndex.Entry(key: "b", value: "weak-updates/b.ko:")]
    let contents = try parse(
      ArchiveBuilder.cpio([
        .init(path: "lib/modules/3.0/weak-updates/b.ko", mode: 0o120777, data: Array("/x/b.ko".utf8)),
        .init(path: "lib/modules/3.0/modules.dep.bin", data: BinaryIndex.encode(lines)),
      ]))
    let modules = InitramfsModules(contents, kernel: "3.0")
    #expect(modules.loads(ModuleName("b")))
    #expect(modules.index(adding: [:], guest: ModuleIndex()).files[ModuleName("b")] == "weak-updates/b.ko")
  }

  @Test("a module that is not what its name says is an error that names it")
  func damagedModule() throws {
    let folder = try TemporaryFolder()
    let contents = try parse(ArchiveBuilder.cpio([.init(path: "lib/modules/3.0/kernel/a.ko", data: [1])]))
    let index = ModuleIndex(dep: "kernel/c.ko.xz:\n", builtin: "", softdep: "")
    let archive = AddedArchive(kernel: "3.0", contents: contents, index: index) { path, _ throws(AscendError) in
      path.hasSuffix(".xz") ? Array("no module at all".utf8) : nil
    }
    let error = #expect(throws: AscendError.self) {
      try archive.write(
        [ModuleName("c")], [], into: OutputFile(creating: folder.url.appendingPathComponent("archive"))
      ) { AscendError("test", "\($0) is gone") }
    }
    #expect(error?.code == "guest.moduleUnreadable" && error?.object == "kernel/c.ko.xz")
  }
}
