import ConnectorProtocol
import Foundation

/// What may be asked when.
enum LifecycleRules {
  static func run(_ bench: Bench) {
    bench.rule("R3.1") {
      let conversation = try bench.start()
      defer { conversation.finish() }
      for method in [SessionCheck.method, InventoryList.method, "config/validate"] {
        try conversation.refused(method, ["kind": "network", "connection": [:]], .notInitialized)
      }
      _ = try conversation.call(Ping())
      _ = try conversation.call(bench.initialize)
    }
    bench.rule("R3.2") {
      let conversation = try bench.greeted()
      defer { conversation.finish() }
      try conversation.refused(SessionCheck.method, [:], .notInitialized)
      try conversation.refused(ResourcesFind.method, ["job": "0"], .notInitialized)
      _ = try conversation.call(ConfigValidate(connection: bench.options.connection))
    }
    let opened = Result { try bench.opened() }
    defer { if case .success(let conversation) = opened { conversation.finish() } }
    bench.rule("R3.3") { try opened.get().refused("no/suchMethod", [:], .methodNotFound) }
    bench.rule("R3.4") {
      for method in [InventoryList.method, PlanPreflight.method, DiskPrepare.method, ResourcesFind.method] {
        try opened.get().refused(method, [:], .invalidParams)
      }
    }
    bench.rule("R3.8") { _ = try opened.get().call(SessionCheck(), seconds: bench.patience.operation) }
    bench.rule("R3.5") {
      _ = try opened.get().call(Shutdown())
      try opened.get().refused(SessionCheck.method, [:], .shuttingDown)
    }
    bench.rule("R1.3") {
      let conversation = try opened.get()
      if bench.options.groups?.contains("R3") == false { _ = try conversation.call(Shutdown()) }
      conversation.closeInput()
      let end = conversation.waitForEnd(seconds: bench.patience.exit)
      try require(end != nil, "it still runs \(Conversation.text(bench.patience.exit)) s after its input has ended")
      try require(end == .exit(0), "it ends with \(end.map { "\($0)" } ?? "nothing")")
    }
  }
}
