/// The cheapest way through a `PathGraph` (Dijkstra), or what stands in the way.
struct PathSearch {
  enum Outcome {
    case found([PathStep], PathCost)
    case blocked(String)
  }

  private struct Route {
    var steps: [PathStep]
    var cost: PathCost
    var node: PathGraph.Node

    /// Ties go to the name of the edges, so that the same question always has the same answer.
    var names: [String] { steps.map(\.edge.rawValue) }

    func extended(by edge: PathGraph.Edge, cost: PathCost) -> Route {
      Route(steps: steps + [edge.step], cost: cost, node: edge.target)
    }
  }

  let graph: PathGraph

  func run() -> Outcome {
    var frontier = [Route(steps: [], cost: cost(bytes: 0, seconds: 0), node: graph.start)]
    var settled: Set<PathGraph.Node> = []
    var obstacles: [String] = []
    while let route = frontier.min(by: Self.isBefore) {
      if graph.isGoal(route.node) { return .found(route.steps, route.cost) }
      frontier.removeAll { $0.node == route.node }
      settled.insert(route.node)
      for edge in graph.edges(from: route.node) where !settled.contains(edge.target) {
        if let obstacle = edge.obstacle {
          obstacles.append(obstacle)
        } else {
          frontier.append(route.extended(by: edge, cost: cost(after: route, edge.step)))
        }
      }
    }
    return .blocked(obstacles.first ?? "no tool of Ascend offers a disk by \(graph.goal.access)")
  }

  private func cost(after route: Route, _ step: PathStep) -> PathCost {
    cost(bytes: route.cost.bytesStaged + step.bytesStaged, seconds: route.cost.seconds + step.seconds)
  }

  private func cost(bytes: Int64, seconds: Double) -> PathCost {
    PathCost(
      bytesStaged: bytes, seconds: seconds, preference: graph.goal.preference,
      accessPreference: graph.goal.accessPreference)
  }

  private static func isBefore(_ left: Route, _ right: Route) -> Bool {
    left.cost == right.cost ? left.names.lexicographicallyPrecedes(right.names) : left.cost < right.cost
  }
}
