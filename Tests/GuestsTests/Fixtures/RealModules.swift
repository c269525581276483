import Foundation
import Testing

@testable import Guests

/// Kernel modules that do nothing but are real to kmod: it finds their names, what they export and what they need. A
/// guest's folder of them, and an initramfs in the way of each tool, both with the indices that the real depmod writes.
struct RealModules {
  /// How a tool keeps modules in an initramfs.
  enum Layout: String, CaseIterable, Sendable {
    /// mkinitcpio: all in one folder, decompressed, and no index as text.
    case flat
    /// initramfs-tools: where they were, decompressed.
    case decompressed
    /// dracut: as they were.
    case same
  }

  struct Module {
    var path: String
    var needs: [String] = []
    /// What the kernel calls a device that it is for.
    var alias: String?
    var isInInitramfs = false

    var name: String { String(path.split(separator: "/").last ?? "") }
  }

  static let version = "6.6.8-test"
  static let modules = [
    Module(path: "kernel/fs/mbcache", isInInitramfs: true), Module(path: "kernel/fs/jbd2/jbd2", isInInitramfs: true),
    Module(path: "kernel/fs/ext4/ext4", needs: ["jbd2", "mbcache"], isInInitramfs: true),
    Module(path: "kernel/drivers/scsi/scsi_mod", isInInitramfs: true),
    Module(path: "kernel/drivers/scsi/sd_mod", needs: ["scsi_mod"], isInInitramfs: true),
    Module(path: "kernel/drivers/scsi/vmw_pvscsi", needs: ["scsi_mod"], isInInitramfs: true),
    Module(path: "kernel/drivers/virtio/virtio_ring"),
    Module(path: "kernel/drivers/virtio/virtio", needs: ["virtio_ring"]),
    Module(path: "kernel/drivers/block/virtio_blk", needs: ["virtio", "virtio_ring"], alias: "virtio:d00000002v*"),
    Module(path: "kernel/drivers/scsi/virtio_scsi", needs: ["scsi_mod", "virtio"]),
  ]

  /// The guest's root, with `lib/modules`.
  let guest: URL
  private let folder: URL

  init(in folder: URL) throws {
    self.folder = folder
    guest = folder.appendingPathComponent("guest")
    let build = folder.appendingPathComponent("build")
    try FileManager.default.createDirectory(at: build, withIntermediateDirectories: true)
    for module in Self.modules {
      let information = "name=\(module.name)\\0" + (module.alias.map { "alias=\($0)\\0" } ?? "")
      var source = """
        int symbol_\(module.name);
        __attribute__((section("__ksymtab_strings"), used)) static const char name[] = "symbol_\(module.name)";
        __attribute__((section(".modinfo"), used)) static const char information[] = "\(information)";

        """
      for need in module.needs { source += "extern int symbol_\(need); int *use_\(need) = &symbol_\(need);\n" }
      try Data(source.utf8).write(to: build.appendingPathComponent("\(module.name).c"))
    }
    try Lab.run("sh", ["-c", "cd '\(build.path)' && cc -c *.c"])
    for module in Self.modules {
      let bytes = try Data(contentsOf: build.appendingPathComponent("\(module.name).o"))
      try Self.write(
        ArchiveBuilder.compress([UInt8](bytes), .xz), to: guest, "lib/modules/\(Self.version)/\(module.path).ko.xz")
    }
    try Self.depmod(guest)
  }

  var index: ModuleIndex {
    get throws {
      let file = guest.appendingPathComponent("lib/modules/\(Self.version)/modules.dep")
      return ModuleIndex(dep: try String(contentsOf: file, encoding: .utf8), builtin: "", softdep: "")
    }
  }

  func read(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: guest.appendingPathComponent("lib/modules/\(Self.version)/\(path)").path)
      .map { [UInt8]($0) }
  }

  /// An initramfs that has what an ext4 root on pvscsi needs, after microcode.
  func initramfs(_ layout: Layout) throws -> [UInt8] {
    let tree = folder.appendingPathComponent("initramfs-\(layout.rawValue)")
    for module in Self.modules where module.isInInitramfs {
      let directory = layout == .flat ? "kernel/\(module.name)" : module.path
      let suffix = layout == .same ? ".ko.xz" : ".ko"
      let file =
        layout == .same
        ? read(module.path + ".ko.xz") ?? []
        : [UInt8](try Data(contentsOf: folder.appendingPathComponent("build/\(module.name).o")))
      try Self.write(file, to: tree, "usr/lib/modules/\(Self.version)/\(directory)\(suffix)")
    }
    try FileManager.default.createSymbolicLink(
      atPath: tree.appendingPathComponent("lib").path, withDestinationPath: "usr/lib")
    try Self.depmod(tree)
    if layout == .flat {
      try Lab.run("sh", ["-c", "cd '\(tree.path)/lib/modules/\(Self.version)' && rm modules.dep modules.alias"])
    }
    let archive = folder.appendingPathComponent("\(layout.rawValue).cpio")
    try Lab.run("sh", ["-c", "cd '\(tree.path)' && find . | cpio -o -H newc --quiet > '\(archive.path)'"])
    let bytes = [UInt8](try Data(contentsOf: archive))
    return try SyntheticTree.microcode + ArchiveBuilder.compress(bytes, .zstd)
  }

  /// Unpacks every part of an initramfs, later ones over earlier ones, with the system's tools.
  func unpack(_ bytes: [UInt8], into root: URL) throws {
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    for segment in try parse(bytes).segments {
      let part = folder.appendingPathComponent(UUID().uuidString)
      try Data(bytes[segment.offset..<(segment.offset + segment.length)]).write(to: part)
      let reading = segment.kind == .zstd ? "zstd -dcq" : "cat"
      try Lab.run("sh", ["-c", "cd '\(root.path)' && \(reading) '\(part.path)' | cpio -idum --quiet"])
    }
  }

  /// The files that modprobe would load for a name, in its order, or nil where it knows none.
  func modprobe(_ name: String, in root: URL) throws -> [String] {
    let settings = folder.appendingPathComponent("no-settings")
    try FileManager.default.createDirectory(at: settings, withIntermediateDirectories: true)
    let output = try Lab.run(
      "sh",
      [
        "-c",
        "PATH=$PATH:/sbin:/usr/sbin modprobe -C '\(settings.path)' -d '\(root.path)' -S \(Self.version) "
          + "--show-depends '\(name)' 2>&1 || true",
      ])
    return output.split(separator: "\n").map { line in
      String(line.hasPrefix("insmod ") ? line.dropFirst(7).prefix { $0 != " " } : line)
    }
  }

  private static func depmod(_ root: URL) throws {
    try Lab.run("sh", ["-c", "PATH=$PATH:/sbin:/usr/sbin depmod -b '\(root.path)' \(version) 2>/dev/null"])
  }

  private static func write(_ bytes: [UInt8], to root: URL, _ path: String) throws {
    let url = root.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }
}
