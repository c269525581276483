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
    for found in try KernelFinder(guest: guest).find() {
      let version = found.version
      let index = try moduleIndex(version)
      var kernel = InstalledKernel(
        version: version, image: found.image, initramfs: found.initramfs,
        builtIn: drivers.filter { index.builtIn.contains(ModuleName($0)) }, inInitramfs: [],
        installed: drivers.filter { index.files[ModuleName($0)] != nil })
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
