import Foundation
import Support

/// Finds a Linux guest's kernels and which drivers each has. The guest's filesystems must be mounted.
struct KernelSurvey {
  enum Limit {
    static let initramfs: Int64 = 512 << 20
    static let index: Int64 = 16 << 20
  }

  let guest: GuestfsHandle
  let drivers: [String]

  func kernels() throws(AscendError) -> [InstalledKernel] {
    var kernels: [InstalledKernel] = []
    let all = try KernelFinder(guest: guest).find()
    let first = DefaultKernel.version(try loaderTexts(), all.map { ($0.version, $0.image) })
    let unified = all.contains { $0.initramfs == nil } ? try unifiedImages() : []
    for found in all {
      let version = found.version
      let index = try moduleIndex(version)
      var kernel = InstalledKernel(
        version: version, image: found.image, initramfs: found.initramfs,
        builtIn: drivers.filter { index.builtIn.contains(ModuleName($0)) }, inInitramfs: [],
        installed: drivers.filter { index.files[ModuleName($0)] != nil })
      kernel.startsByDefault = first.map { $0 == version }
      if kernel.initramfs == nil { kernel.unified = Self.unified(unified, version: version, image: found.image) }
      if let path = kernel.initramfs {
        do throws(AscendError) {
          let modules = InitramfsModules(try contents(path), kernel: version)
          kernel.inInitramfs = drivers.filter { modules.starts($0, index) }
        } catch {
          guard ["guest.initramfsUnreadable", "guest.tooLarge"].contains(error.code) else { throw error }
          kernel.unreadable = error.cause ?? error.message
        }
      }
      kernels.append(kernel)
    }
    return kernels
  }

  /// What may say which kernel starts; a file that is too large for that says nothing.
  private func loaderTexts() throws(AscendError) -> [String: String] {
    var texts: [String: String] = [:]
    for path in DefaultKernel.files where try guest.isFile(path) {
      guard try guest.size(path) <= 256 << 10 else { continue }
      texts[path] = try guest.readText(path, limit: 256 << 10)
    }
    return texts
  }

  private func unifiedImages() throws(AscendError) -> [String] {
    try guest.glob(
      "/{\(LoaderFiles.entryPartitions.map { String($0.dropFirst()) }.joined(separator: ","))}/EFI/Linux/*"
    )
    .filter { $0.lowercased().hasSuffix(".efi") }
  }

  /// Named after the kernel's version (kernel-install) or its package (`arch-linux.efi`).
  static func unified(_ images: [String], version: String, image: String) -> String? {
    let flavour = image.split(separator: "/").last?.split(separator: "-", maxSplits: 1).dropFirst().first
    return images.sorted().first { path in
      let name = path.split(separator: "/").last?.dropLast(".efi".count) ?? ""
      return name.contains(version) || flavour.map { name == $0 || name.hasSuffix("-\($0)") } ?? false
    }
  }

  /// The kernel's module index; a file that is missing counts as empty.
  func moduleIndex(_ version: String) throws(AscendError) -> ModuleIndex {
    let folder = "/lib/modules/\(version)"
    return ModuleIndex(
      dep: try guest.readText("\(folder)/modules.dep", limit: Limit.index) ?? "",
      builtin: try guest.readText("\(folder)/modules.builtin", limit: Limit.index) ?? "",
      softdep: try guest.readText("\(folder)/modules.softdep", limit: Limit.index) ?? "")
  }

  /// Reads an initramfs of the guest.
  func contents(_ path: String, wanting files: Set<String> = []) throws(AscendError) -> InitramfsContents {
    let copy = try guest.copyOut(path, limit: Limit.initramfs)
    defer { try? FileManager.default.removeItem(at: copy) }
    return try Self.parse(copy, named: path, wanting: files)
  }

  static func parse(
    _ copy: URL, named path: String, wanting files: Set<String> = []
  ) throws(AscendError) -> InitramfsContents {
    let file = try MappedFile(copy)
    let reader = InitramfsReader(wantedFiles: files)
    do throws(InitramfsError) {
      return try file.withBytes { bytes throws(InitramfsError) in try reader.read(bytes) }
    } catch {
      throw AscendError(
        "guest.initramfsUnreadable", "An initramfs of the guest could not be read", object: path,
        cause: error.description,
        remedy: "Let the source machine make it anew (update-initramfs, dracut) and back it up again")
    }
  }
}
