/// A kernel module's name: dashes and underscores are the same to the kernel, underscores are written here.
struct ModuleName: Hashable, Sendable, Comparable {
  let text: String

  init(_ name: String) { text = String(name.map { $0 == "-" ? "_" : $0 }) }

  /// From a module's file (`kernel/drivers/block/virtio_blk.ko.xz`); nil for another file.
  init?(path: String) {
    let file = path.split(separator: "/").last ?? ""
    for suffix in [".ko", ".ko.xz", ".ko.zst", ".ko.gz"] where file.hasSuffix(suffix) && file.count > suffix.count {
      self.init(String(file.dropLast(suffix.count)))
      return
    }
    return nil
  }

  static func < (left: ModuleName, right: ModuleName) -> Bool { left.text < right.text }
}
