using LlmLab.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace LlmLab.Training;

/// <summary>
/// Muon (Jordan et al. 2024): the momentum of each matrix inside the blocks is replaced by the nearest orthogonal matrix, found by five
/// Newton–Schulz steps in low precision, so that every direction moves equally far. Queries, keys and values count as matrices of their
/// own although they lie packed. Embeddings, head and vectors are AdamW's. Each thread orthogonalises whole matrices, so the result does
/// not depend on the number of threads. With compiled kernels the iterations run on <see cref="NewtonSchulz"/>, without libtorch.
/// </summary>
public sealed unsafe class Muon : IOptimizer
{
    // The quintic of the reference implementation: fast at lifting small singular values, not exactly converging to 1.
    const double A = 3.4445, B = -4.7750, C = 2.0315;
    const int Iterations = 5;

    readonly ParameterBuffer buffer;
    readonly TrainingOptions options;
    readonly WorkerPool pool;
    readonly ScalarType operandType;
    readonly AdamW rest;
    readonly Tensor momentum;    // [matrices' part of the buffer] float32
    readonly long first;
    readonly Piece[][] shares;   // of each thread
    readonly NewtonSchulz[]? compiled;   // one for each thread

    sealed record Piece(long Offset, long Rows, long Columns);

    /// <summary>An optimizer at its first step.</summary>
    /// <param name="buffer">Weights and gradients.</param>
    /// <param name="options">Rates, momentum, decay.</param>
    /// <param name="pool">Threads.</param>
    /// <param name="packedParts">Rows of queries, keys and values in a packed attention matrix.</param>
    /// <param name="operandType">Operands of the products: bfloat16 is enough, and faster where the processor has it.</param>
    /// <param name="kernels">Compiled: iterate without libtorch where every matrix fits.</param>
    public Muon(ParameterBuffer buffer, TrainingOptions options, WorkerPool pool, IReadOnlyList<long> packedParts, ScalarType operandType = ScalarType.Float32, Kernels kernels = Kernels.LibTorch)
    {
        (this.buffer, this.options, this.pool, this.operandType) = (buffer, options, pool, operandType);
        rest = new AdamW(buffer, options, buffer.Device.type == DeviceType.CPU ? pool : null, ParameterGroups.Ranges(buffer, options, matricesElsewhere: true));
        var matrices = buffer.Segments.Where(s => ParameterGroups.RoleOf(s) == ParameterRole.Matrix).ToArray();
        first = matrices.Min(s => s.Offset);
        momentum = zeros(matrices.Max(s => s.Offset + s.Length) - first, device: buffer.Device).DetachFromDisposeScope();
        Piece[] pieces = [.. matrices.SelectMany(s => Split(s, packedParts))];
        shares = Share(pieces, pool.Count);
        if (kernels == Kernels.Compiled && pieces.All(p => NewtonSchulz.Fits(p.Rows, p.Columns)))
            compiled = [.. shares.Select(_ => new NewtonSchulz(pieces.Max(p => p.Rows * p.Columns), (int)pieces.Max(p => Math.Min(p.Rows, p.Columns))))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Value)> State => [("muon.momentum", momentum), .. rest.State];

    /// <inheritdoc/>
    public void Step(int step, double share, double gradientScale, Tensor? made = null)
    {
        double progress = options.MuonMomentumWarmupSteps == 0 ? 1 : Math.Min(1, (double)step / options.MuonMomentumWarmupSteps);
        double beta = 0.85 + (options.MuonMomentum - 0.85) * progress, rate = options.MuonLearningRate * share;
        pool.Run(worker =>
        {
            using var none = no_grad();
            foreach (var piece in shares[worker])
            {
                if (compiled is null || made is not null) Move(piece, beta, rate, gradientScale, made);
                else MoveCompiled(compiled[worker], piece, (float)beta, (float)rate, (float)gradientScale);
            }
        });
        rest.Step(step, share, gradientScale, made);
    }

    void Move(Piece piece, double beta, double rate, double scale, Tensor? made)
    {
        using var scope = NewDisposeScope();
        Tensor Part(Tensor flat, long origin) => flat.narrow(0, piece.Offset - origin, piece.Rows * piece.Columns).view(piece.Rows, piece.Columns);
        var (gradient, mean, weight) = (Part(buffer.Gradients, 0), Part(momentum, first), Part(buffer.Values, 0));
        if (scale != 1) gradient = gradient * scale;
        mean.Approach(gradient, 1 - beta, made);
        var step = Orthogonalise(gradient.lerp(mean, beta), operandType);   // Nesterov's look ahead
        if (options.WeightDecay > 0) weight.Shrink(rate * options.WeightDecay, made);
        weight.Descend(step, rate * Gain(piece), made);
    }

    // The same as Move, in passes over flat memory.
    void MoveCompiled(NewtonSchulz iterations, Piece piece, float beta, float rate, float scale)
    {
        float* gradient = Pointers.Of(buffer.Gradients) + piece.Offset, mean = Pointers.Of(momentum) + piece.Offset - first, weight = Pointers.Of(buffer.Values) + piece.Offset;
        long count = piece.Rows * piece.Columns;
        Elementwise.Blend(mean, beta, gradient, scale * (1 - beta), mean, count);
        Elementwise.Blend(mean, beta, gradient, scale * (1 - beta), iterations.Matrix, count);
        iterations.Run((int)piece.Rows, (int)piece.Columns, (float)A, (float)B, (float)C, Iterations);
        Elementwise.Blend(weight, 1 - rate * (float)options.WeightDecay, iterations.Matrix, -rate * (float)Gain(piece), weight, count);
    }

    static double Gain(Piece piece) => Math.Sqrt(Math.Max(1, (double)piece.Rows / piece.Columns));

    /// <summary>
    /// Brings all singular values of a matrix near 1 (about 0.7 to 1.2) and keeps its singular vectors: X ← aX + (bA + cA²)X with A = XXᵀ.
    /// </summary>
    /// <param name="matrix">[rows, columns] float32.</param>
    /// <param name="operandType">Operands of the products.</param>
    /// <returns>[rows, columns] float32.</returns>
    public static Tensor Orthogonalise(Tensor matrix, ScalarType operandType = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        bool tall = matrix.shape[0] > matrix.shape[1];
        var x = (matrix / (matrix.norm() + 1e-7)).to(operandType);
        if (tall) x = x.t().contiguous();
        for (int i = 0; i < Iterations; i++)
        {
            var squared = matmul(x, x.t());
            var polynomial = addmm(squared, squared, squared, (float)B, (float)C);
            x = addmm(x, polynomial, x, (float)A, 1);
        }
        return scope.MoveToOuter((tall ? x.t() : x).to(ScalarType.Float32));
    }

    static IEnumerable<Piece> Split(ParameterSegment segment, IReadOnlyList<long> packedParts)
    {
        long rows = segment.Shape[0], columns = segment.Length / rows, offset = segment.Offset;
        if (!segment.Name.EndsWith("attention.packed.weight", StringComparison.Ordinal)) return [new Piece(offset, rows, columns)];
        var parts = packedParts.Sum() == rows ? packedParts : [.. packedParts.Skip(1)];   // over an encoder's output: keys and values only
        var pieces = new List<Piece>();
        foreach (long part in parts)
        {
            pieces.Add(new Piece(offset, part, columns));
            offset += part * columns;
        }
        return pieces;
    }

    // Largest first, each to the thread with the least to do so far.
    static Piece[][] Share(Piece[] pieces, int workers)
    {
        var shares = Enumerable.Range(0, workers).Select(_ => new List<Piece>()).ToArray();
        double[] loads = new double[workers];
        foreach (var piece in pieces.OrderByDescending(Cost))
        {
            int least = Array.IndexOf(loads, loads.Min());
            shares[least].Add(piece);
            loads[least] += Cost(piece);
        }
        return [.. shares.Select(s => s.ToArray())];
    }

    static double Cost(Piece piece)
    {
        double small = Math.Min(piece.Rows, piece.Columns), large = Math.Max(piece.Rows, piece.Columns);
        return 4 * small * small * large + 2 * small * small * small;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        rest.Dispose();
        foreach (var iterations in compiled ?? []) iterations.Dispose();
        momentum.Dispose();
    }
}
